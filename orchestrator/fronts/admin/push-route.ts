import type { CancelSignal } from '../../../foundation/cancel-signal.ts';
import { parseDurationMs } from '../../../foundation/duration.ts';
import { AppError } from '../../../foundation/errors.ts';
import type { SinkOptions } from '../../features/source.ts';
import { invalid } from '../../predict/call-body.ts';
import { whileConnected } from '../http/connection-calls.ts';
import type { Handler } from '../http/router.ts';

export interface PushOptions {
  /** Writes the rows of a body, none where some are bad; what it resolves with is the answer. Rejects with AppError. */
  push(body: string, options: SinkOptions, caller: CancelSignal): Promise<object>;
}

/** Pushes that write at once. Each holds its rows in memory; the stores would only put more of them in line. */
const PUSHES_AT_ONCE = 4;

const QUERY: Readonly<Record<string, (value: string) => SinkOptions>> = {
  newest(value) {
    if (value !== 'true' && value !== 'false') throw invalid('newest', 'must be true or false');
    return value === 'true' ? { newest: true } : {};
  },
  expiry(value) {
    const expiryMs = parseDurationMs(value);
    if (expiryMs === undefined || expiryMs < 1) throw invalid('expiry', 'must be a duration such as 30d');
    return { expiryMs };
  },
};

/** `POST /push?newest=true&expiry=30d`: rows into the store of a view. */
export function pushRows(options: PushOptions): Handler {
  let writing = 0;
  return async ({ request, body }) => {
    const asked = readQuery(request.url ?? '');
    if (writing === PUSHES_AT_ONCE)
      throw new AppError('OVERLOADED', 'Too many pushes are being written; try again later.');
    writing++;
    try {
      return await whileConnected(request.socket, (caller) => options.push(body, asked, caller));
    } finally {
      writing--;
    }
  };
}

function readQuery(url: string): SinkOptions {
  const options: SinkOptions = {};
  for (const [name, value] of new URL(url, 'http://localhost').searchParams) {
    if (!Object.hasOwn(QUERY, name))
      throw invalid(name, `is no parameter of a push: it takes ${Object.keys(QUERY).join(', ')}`);
    Object.assign(options, QUERY[name](value));
  }
  return options;
}
