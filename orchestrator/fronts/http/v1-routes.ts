import type { CancelSignal } from '../../../foundation/cancel-signal.ts';
import { AppError } from '../../../foundation/errors.ts';
import type { Call, Predict } from '../../predict/call.ts';
import { whileConnected } from './connection-calls.ts';
import { decodeCall } from './decode-call.ts';
import { degradedHeader, encodeFeatures, encodePredictions, timingHeader } from './encode-answer.ts';
import type { Exchange } from './exchange.ts';
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
  server.route('POST', '/v1/models/:model:predict', (exchange) => answer(exchange, 'outputs'));
  server.route('POST', '/v1/models/:model:features', (exchange) => answer(exchange, 'features'));
  server.route('GET', '/v1/models', () => ({ models: options.models().map(({ name }) => name) }));
  server.route('GET', '/v1/models/:model', ({ model }) => {
    const status = options.models().find(({ name }) => name === model);
    if (!status) throw new AppError('UNKNOWN_MODEL', 'There is no model of that name.');
    const { name, ready, version } = status;
    return { name, ready, version };
  });

  function answer(exchange: Exchange, want: Call['want']): Promise<string> {
    return whileConnected(exchange.request.socket, (signal) => predict(exchange, want, signal));
  }

  async function predict(exchange: Exchange, want: Call['want'], signal: CancelSignal): Promise<string> {
    const { headers } = exchange;
    const call = decodeCall(exchange, want, signal);
    const answered = await options.predict(call);
    let body: string;
    try {
      body = want === 'features' ? encodeFeatures(answered) : encodePredictions(answered);
      headers['x-model-version'] = answered.modelVersion;
      if (answered.degraded.length > 0) {
        const degraded = degradedHeader(answered);
        if (degraded !== undefined) headers['x-tandem-degraded'] = degraded;
      }
      if (call.parameters.timing) headers['server-timing'] = timingHeader(answered);
    } finally {
      answered.release();
    }
    options.onReply({
      route: exchange.route,
      model: call.model,
      code: answered.fallback === undefined ? 'OK' : 'FALLBACK',
      seconds: (performance.now() - exchange.startedMs) / 1000,
      requestId: call.id,
      error: undefined,
    });
    return body;
  }
}
