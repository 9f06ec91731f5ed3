import { HttpServer } from '../../orchestrator/fronts/http/server.ts';
import { answer, MODEL_VERSION } from './answer.ts';

/** The route on Tandem's own server over node:http. */
const server = new HttpServer({ bodyBytes: 1024 ** 2, requestTimeoutMs: 10_000, onReply: () => {} });
server.route('POST', '/v1/models/:model:predict', (exchange) => {
  exchange.headers['x-model-version'] = MODEL_VERSION;
  return answer(exchange.body);
});
console.log(JSON.stringify({ event: 'listening', http: await server.listen('127.0.0.1', 0) }));
process.once('SIGTERM', () => process.exit(0));
