import type { CancelSignal } from '../../../foundation/cancel-signal.ts';
import type { Call } from '../../predict/call.ts';
import { decodeCallBody, invalid } from '../../predict/call-body.ts';
import type { Exchange } from './exchange.ts';

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const DECIMAL = /^\d{1,12}(?:\.\d+)?$/;

/** A V1 request as a Call: row objects (`instances`) or one list an input (`inputs`), and the headers that steer it. */
export function decodeCall(exchange: Exchange, want: Call['want'], signal: CancelSignal): Call {
  const arrivedAt = { epochMs: Date.now(), monotonicMs: exchange.startedMs };
  const call: Call = {
    id: exchange.id,
    model: exchange.model,
    want,
    ...decodeCallBody(exchange.body, want),
    arrivedAt,
    signal,
  };
  const { headers } = exchange.request;
  const timeout = headers['x-request-timeout-ms'];
  if (timeout !== undefined) call.deadlineMs = timeoutMs(timeout);
  const priority = headers['x-priority'];
  if (typeof priority === 'string') call.priority = priority;
  const trace = headers['traceparent'];
  if (typeof trace === 'string' && TRACEPARENT.test(trace)) call.trace = trace;
  return call;
}

function timeoutMs(header: string | string[]): number {
  const ms = typeof header === 'string' && DECIMAL.test(header) ? Number(header) : Number.NaN;
  if (!(ms > 0)) throw invalid('X-Request-Timeout-Ms', 'must be milliseconds above 0');
  return ms;
}
