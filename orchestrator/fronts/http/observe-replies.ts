import type { Logger } from '../../../foundation/telemetry/logger.ts';
import type { DurationSeries } from '../../../foundation/telemetry/duration-histogram.ts';
import type { Metrics } from '../../../foundation/telemetry/metrics.ts';
import type { Reply } from './server.ts';

/** What is counted of one model's replies: label children looked up once, a fifth of what a look-up by labels costs. */
interface ModelReplies {
  seconds: DurationSeries | undefined;
  byCode: Map<string, { inc(): void }>;
}

/** Counts each reply, and logs each that failed: the sentence, the code, and the cause that the caller was spared. */
export function observeReplies(
  metrics: Metrics,
  logger: Logger,
  isModel: (name: string) => boolean,
): (reply: Reply) => void {
  const models = new Map<string, ModelReplies>();
  return (reply) => {
    // A name that a caller made up is no label.
    const model = isModel(reply.model) ? reply.model : '';
    let counted = models.get(model);
    if (!counted) models.set(model, (counted = openReplies(metrics, model)));
    let requests = counted.byCode.get(reply.code);
    if (!requests) counted.byCode.set(reply.code, (requests = metrics.requests.labels(model, reply.code)));
    requests.inc();
    counted.seconds?.observe(reply.seconds);
    if (reply.error) logFailure(logger, reply, model, reply.error);
  };
}

function openReplies(metrics: Metrics, model: string): ModelReplies {
  // What is no model's (an unknown route, an admin route) is counted, and not timed.
  return { seconds: model === '' ? undefined : metrics.requestSeconds.open({ model }), byCode: new Map() };
}

function logFailure(logger: Logger, reply: Reply, model: string, error: NonNullable<Reply['error']>): void {
  const { route, code, requestId, seconds } = reply;
  const line = { route, model, code, requestId, ms: Math.round(seconds * 1000), details: error.details };
  if (code === 'INTERNAL') logger.error({ ...line, err: error.cause ?? error }, error.message);
  else logger.warn({ ...line, ...(error.cause === undefined ? {} : { err: error.cause }) }, error.message);
}
