import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CancelSignal } from '../../../foundation/cancel-signal.ts';
import { AppError } from '../../../foundation/errors.ts';
import type { Call, Predict } from '../../predict/call.ts';
import { whileConnected } from './connection-calls.ts';
import { decodeCall } from './decode-call.ts';
import { degradedHeader, encodeFeatures, encodePredictions, timingHeader } from './encode-answer.ts';
import type { HttpServer, Reply } from './server.ts';

/** What a front needs to know of a served model. */
export interface ModelStatus {
  name: string;
  ready: boolean;
  version: string;
  /** Why it is not ready. */
  problem: string | undefined;
}

export interface V1Options {
  predict: Predict;
  models(): ModelStatus[];
  onReply(reply: Reply): void;
}

/** The V1 routes: `:predict`, `:features` and the models, as KServe's clients know them. */
export function addV1Routes(server: HttpServer, options: V1Options): void {
  server.route('POST', '/v1/models/:model([^:/]+)::predict', (request, reply) => answer(request, reply, 'outputs'));
  server.route('POST', '/v1/models/:model([^:/]+)::features', (request, reply) => answer(request, reply, 'features'));
  server.route('GET', '/v1/models', () => ({ models: options.models().map(({ name }) => name) }));
  server.route('GET', '/v1/models/:model([^:/]+)', (request) => {
    const { model } = request.params as { model: string };
    const status = options.models().find(({ name }) => name === model);
    if (!status) throw new AppError('UNKNOWN_MODEL', 'There is no model of that name.');
    const { name, ready, version } = status;
    return { name, ready, version };
  });

  function answer(request: FastifyRequest, reply: FastifyReply, want: Call['want']): Promise<FastifyReply> {
    return whileConnected(request.raw.socket, (signal) => predictAndSend(request, reply, want, signal));
  }

  async function predictAndSend(
    request: FastifyRequest,
    reply: FastifyReply,
    want: Call['want'],
    signal: CancelSignal,
  ): Promise<FastifyReply> {
    const call = decodeCall(request, want, signal);
    const answered = await options.predict(call);
    const body = want === 'features' ? encodeFeatures(answered) : encodePredictions(answered);
    reply.header('x-request-id', call.id).header('x-model-version', answered.modelVersion);
    if (answered.degraded.length > 0) {
      const degraded = degradedHeader(answered);
      if (degraded !== undefined) reply.header('x-tandem-degraded', degraded);
    }
    if (call.parameters.timing) reply.header('server-timing', timingHeader(answered));
    reply.type('application/json; charset=utf-8');
    answered.release();
    options.onReply({
      route: want,
      model: call.model,
      code: answered.fallback === undefined ? 'OK' : 'FALLBACK',
      seconds: (performance.now() - request.startedMs) / 1000,
      requestId: call.id,
      error: undefined,
    });
    return reply.send(body);
  }
}
