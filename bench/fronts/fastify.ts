import Fastify from 'fastify';
import { answer, MODEL_VERSION } from './answer.ts';

/** The route on Fastify 5, set up to do what Tandem's server does: any Content-Type, request ids, start times, limits. */
let requests = 0;
const started = new WeakMap<object, number>();
const app = Fastify({
  logger: false,
  bodyLimit: 1024 ** 2,
  requestTimeout: 10_000,
  exposeHeadRoutes: false,
  genReqId: ({ headers }) => String(headers['x-request-id'] ?? `m-${(++requests).toString(36)}`),
});
app.addHook('onRequest', (request, _reply, done) => {
  started.set(request, performance.now());
  done();
});
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
app.post('/v1/models/:model([^:/]+)::predict', async (request, reply) => {
  const body = await answer(request.body as string);
  reply.header('x-request-id', request.id).header('x-model-version', MODEL_VERSION);
  return reply.type('application/json; charset=utf-8').send(body);
});

const address = await app.listen({ port: 0, host: '127.0.0.1' });
console.log(JSON.stringify({ event: 'listening', http: address }));
process.once('SIGTERM', () => process.exit(0));
