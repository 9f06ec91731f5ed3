import { freshnessMs, retryAfterMs } from './answer-headers.ts';
import { readJson } from './body.ts';
import type { ReadAnswer } from './exchange.ts';
import { outcomeOfStatus } from './outcome.ts';

/**
 * The reader of whole answers. `accepts` says whether a JSON is of the shape that was asked for: if not, the answer is
 * as unreadable as one that is no JSON. What a content type claims is not looked at, only what the body is.
 */
export function answerReader(accepts: (body: unknown) => boolean, epochMs: () => number): ReadAnswer {
  return async (status, headers, chunks, stop) => {
    const freshMs = freshnessMs(headers);
    const byStatus = outcomeOfStatus(status);
    if (byStatus !== undefined) {
      const reason = `the service answered ${status}`;
      return { outcome: byStatus, reason, freshMs, retryAfterMs: retryAfterMs(headers, epochMs()) };
    }
    try {
      const body = await readJson(chunks, headers['content-encoding'], stop);
      if (accepts(body)) return { outcome: 'answered', body, freshMs, retryAfterMs: Number.NaN };
      const reason = 'the JSON has not the shape that the view says';
      return { outcome: 'unreadable', reason, freshMs, retryAfterMs: Number.NaN };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return { outcome: 'unreadable', reason, freshMs, retryAfterMs: Number.NaN };
    }
  };
}
