import Fastify from 'fastify';
import { answer } from './answer.ts';

/** The route on Fastify 5 as Tandem would have to set it up: bodies are JSON whatever their Content-Type says. */
const app = Fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
app.post('/v1/models/:model([^:/]+)::predict', (request, reply) => {
  reply.header('content-type', 'application/json').send(answer(request.body as string));
});

const address = await app.listen({ port: 0, host: '127.0.0.1' });
console.log(JSON.stringify({ event: 'listening', http: address }));
process.once('SIGTERM', () => process.exit(0));
