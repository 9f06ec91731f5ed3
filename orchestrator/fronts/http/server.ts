import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify';
import type { Socket } from 'node:net';
import { AppError, errorBody } from '../../../foundation/errors.ts';
import { httpError } from './http-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the request's head had arrived, `performance.now()` scale. */
    startedMs: number;
  }
}

/** What a front tells of each request when its reply is on its way: for metrics and the log. */
export interface Reply {
  /** The route's own text, never the URL. */
  route: string;
  /** As the caller wrote it: perhaps the name of no model. */
  model: string;
  code: string;
  seconds: number;
  requestId: string;
  error: AppError | undefined;
}

export interface HttpServerOptions {
  bodyBytes: number;
  requestTimeoutMs: number;
  onReply: (reply: Reply) => void;
}

/** A route answers JSON text or a value to be stringified; what it throws becomes the error body of its code. */
export type Route = (request: FastifyRequest, reply: FastifyReply) => unknown;

export interface HttpServer {
  /** Adds a route; its path then answers METHOD_NOT_ALLOWED to every other method. */
  route(method: 'GET' | 'POST', path: string, handler: Route): void;
  app: FastifyInstance;
}

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/**
 * An HTTP server that speaks our errors on every path. Fastify and a bare node:http server cost the same here
 * (bench/fronts.md), so the library it is. Bodies are JSON whatever the Content-Type says: clients of the serving
 * protocols often send none.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  let requests = 0;
  /** Connections that were refused over a request which Fastify still waits for: it is not answered twice. */
  const refused = new WeakSet<Socket>();
  const prefix = Math.trunc(performance.timeOrigin).toString(36);
  const app = Fastify({
    bodyLimit: options.bodyBytes,
    requestTimeout: options.requestTimeoutMs,
    http: {
      // Node swaps the two limits where the head's is the longer one (60 s unless set): bodies would have that minute.
      headersTimeout: options.requestTimeoutMs,
      requestTimeout: options.requestTimeoutMs,
      connectionsCheckingInterval: Math.max(100, Math.min(1000, options.requestTimeoutMs / 4)),
    },
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    // A draining server answers what still reaches it, and closes the connection; Fastify's own 503 is none of our bodies.
    return503OnClosing: false,
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : `${prefix}-${(++requests).toString(36)}`;
    },
    clientErrorHandler(error, socket) {
      if (!socket.writable || error.code === 'ECONNRESET') {
        socket.destroy();
        return;
      }
      refused.add(socket);
      refuseConnection(error, socket, options.onReply);
    },
    frameworkErrors: (error, request, reply) => {
      request.startedMs = performance.now();
      sendError(httpError(error), request, reply);
    },
  });

  app.decorateRequest('startedMs', 0);
  app.addHook('onRequest', (request, _reply, done) => {
    request.startedMs = performance.now();
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => sendError(httpError(error), request, reply));
  app.setNotFoundHandler((request, reply) =>
    sendError(new AppError('UNKNOWN_ROUTE', 'There is no such route.'), request, reply),
  );

  function sendError(error: AppError, request: FastifyRequest, reply: FastifyReply): void {
    if (refused.has(request.raw.socket)) {
      reply.hijack();
      return;
    }
    // No parameters where the router itself refused the URL.
    const params = request.params as { model?: string } | null;
    options.onReply({
      route: request.routeOptions.url ?? '',
      model: params?.model ?? '',
      code: error.code,
      seconds: (performance.now() - request.startedMs) / 1000,
      requestId: request.id,
      error,
    });
    void reply
      .code(error.status)
      .header('x-request-id', request.id)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(errorBody(error)));
  }

  return {
    app,
    route(method, path, handler) {
      app.route({ method, url: path, handler });
      app.route({
        method: METHODS.filter((other) => other !== method),
        url: path,
        handler: (_request, reply) => {
          reply.header('allow', method);
          throw new AppError('METHOD_NOT_ALLOWED', `This path takes ${method}.`);
        },
      });
    },
  };
}

/** The parsed JSON body of a request; INVALID_INPUT where it is not an object. */
export function jsonBody(request: FastifyRequest): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(typeof request.body === 'string' ? request.body : '');
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The body is not valid JSON.', { cause });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new AppError('INVALID_INPUT', 'The body must be a JSON object.');
  }
  return body as Record<string, unknown>;
}

/** A connection that never became a request: too slow, or not HTTP. There is no reply object, so the bytes are ours. */
function refuseConnection(error: Error & { code?: string }, socket: Socket, onReply: (reply: Reply) => void): void {
  const refusal =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new AppError('REQUEST_TIMEOUT', 'The request did not arrive in time.', { cause: error })
      : new AppError('INVALID_INPUT', 'The request is not valid HTTP.', { cause: error });
  const body = JSON.stringify(errorBody(refusal));
  socket.end(
    `HTTP/1.1 ${refusal.status} ${refusal.status === 408 ? 'Request Timeout' : 'Bad Request'}\r\n` +
      `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `connection: close\r\n\r\n${body}`,
  );
  onReply({ route: '', model: '', code: refusal.code, seconds: 0, requestId: '', error: refusal });
}
