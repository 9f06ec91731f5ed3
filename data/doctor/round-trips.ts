import { AppError } from '../../foundation/errors.ts';
import { fetchInTime, type FailedFetch } from '../../orchestrator/features/fetch-in-time.ts';
import type { FeatureSource, FieldSpec, InspectOptions } from '../../orchestrator/features/source.ts';
import { Status } from '../../orchestrator/plan/column.ts';

const GETS = 1000;
/** The first ones compile the code that the others run: they would be the slowest hundredth. */
const WARM_UP_GETS = 100;

/** Times of single gets, and how many of them the store's own `timeout` ended. */
export interface Gets {
  timesMs: number[];
  late: number;
}

/**
 * Gets a key at a time, one after the other, as many as there is time for. Throws AppError where the store does not
 * answer at all.
 */
export async function timeGets(
  source: FeatureSource,
  keys: readonly string[],
  fields: readonly FieldSpec[],
  { signal, deadlineMs }: InspectOptions,
  now: () => number,
): Promise<Gets> {
  const gets: Gets = { timesMs: [], late: 0 };
  for (let at = 0; at < WARM_UP_GETS + GETS && now() < deadlineMs && !signal.aborted; at++) {
    const options = { asOfMs: 0, deadlineMs, signal };
    const askedMs = now();
    const fetched = await fetchInTime(source, { count: 1, text: [keys[at % keys.length]] }, fields, options, now);
    const tookMs = now() - askedMs;
    if (now() >= deadlineMs) break; // ended by us, not by the store
    const isLate = 'status' in fetched && isTimeout(fetched);
    if (at < WARM_UP_GETS) continue;
    gets.timesMs.push(tookMs);
    if (isLate) gets.late++;
  }
  return gets;
}

function isTimeout({ status, cause }: FailedFetch): true {
  if (status === Status.TIMEOUT) return true;
  throw cause instanceof Error ? cause : new AppError('FEATURE_UNAVAILABLE', 'The store cannot be read.', { cause });
}
