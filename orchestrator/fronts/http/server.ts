import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { AppError, asAppError, errorBody } from '../../../foundation/errors.ts';
import { Exchange } from './exchange.ts';
import { readBody } from './read-body.ts';
import { Router, type Handler } from './router.ts';

/** What a front tells of each request when its reply is on its way: for metrics and the log. */
export interface Reply {
  /** The route's own text, never the URL. */
  route: string;
  /** As the caller wrote it: perhaps the name of no model. */
  model: string;
  /** An error code, OK, or FALLBACK. */
  code: string;
  seconds: number;
  requestId: string;
  error: AppError | undefined;
}

export interface HttpServerOptions {
  bodyBytes: number;
  requestTimeoutMs: number;
  /** Told of every request that failed; routes tell of those that did not, where it matters. */
  onReply: (reply: Reply) => void;
}

/** What is under way on one connection: more than one where the caller does not wait for its replies (pipelining). */
interface Connection {
  exchanges: number;
}

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
/** Longer than the 60 s for which load balancers keep theirs, so that it is they who close. */
const KEEP_ALIVE_MS = 72_000;

/**
 * An HTTP server that speaks our errors on every path. On node:http itself: set up to do the same, Fastify 5 takes 1.4
 * times its CPU a request (bench/fronts.md).
 */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #router = new Router();
  readonly #server: Server;
  readonly #idPrefix = Math.trunc(performance.timeOrigin).toString(36);
  /** Connections that were refused over a request whose body we still wait for: it is not answered twice. */
  readonly #refused = new WeakSet<Socket>();
  readonly #connections = new WeakMap<Socket, Connection>();
  #requests = 0;
  #isClosing = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    const { requestTimeoutMs } = options;
    const timeouts = {
      // Node swaps the two limits where the head's is the longer one (60 s unless set): bodies would have that minute.
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.max(100, Math.min(1000, requestTimeoutMs / 4)),
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    this.#server = createServer(timeouts, (request, response) => void this.#serve(request, response));
    this.#server.on('clientError', (error, socket) => this.#refuse(error, socket as Socket));
  }

  /** Adds a route; its path then answers METHOD_NOT_ALLOWED to every other method. */
  route(method: 'GET' | 'POST', path: string, handler: Handler): void {
    this.#router.add(method, path, handler);
  }

  /** Resolves with `host:port`; port 0 takes a free one. */
  async listen(host: string, port: number): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const refuse = (cause: NodeJS.ErrnoException): void => {
      const taken = `Port ${port} of ${host} is taken; choose another, or 0 for a free one.`;
      reject(cause.code === 'EADDRINUSE' ? new AppError('INTERNAL', taken, { cause }) : cause);
    };
    this.#server.once('error', refuse);
    this.#server.listen(port, host, resolve);
    await promise;
    this.#server.off('error', refuse);
    const { family, address, port: chosen } = this.#server.address() as AddressInfo;
    return `${family === 'IPv6' ? `[${address}]` : address}:${chosen}`;
  }

  /** Takes no new connections; resolves when every request that is here has been answered. */
  close(): Promise<void> {
    this.#isClosing = true;
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = request.headers['x-request-id'];
    const isGiven = typeof given === 'string' && REQUEST_ID.test(given);
    const id = isGiven ? given : `${this.#idPrefix}-${(++this.#requests).toString(36)}`;
    const exchange = new Exchange(request, id, performance.now());
    const connection = this.#connectionOf(request.socket);
    connection.exchanges++;
    try {
      const handler = this.#router.find(request.method ?? '', request.url ?? '', exchange);
      if (request.method === 'POST') exchange.body = await readBody(request, this.#options.bodyBytes);
      const answer = await handler(exchange);
      this.#send(exchange, response, 200, typeof answer === 'string' ? answer : JSON.stringify(answer));
    } catch (thrown) {
      this.#sendError(exchange, response, asAppError(thrown));
    }
    connection.exchanges--;
  }

  #connectionOf(socket: Socket): Connection {
    let connection = this.#connections.get(socket);
    if (!connection) this.#connections.set(socket, (connection = { exchanges: 0 }));
    return connection;
  }

  #sendError(exchange: Exchange, response: ServerResponse, error: AppError): void {
    if (this.#refused.has(exchange.request.socket)) return;
    // The rest of a body that nobody wants is not waited for.
    if (!exchange.request.complete) exchange.headers['connection'] = 'close';
    exchange.contentType = 'application/json; charset=utf-8';
    this.#options.onReply({
      route: exchange.route,
      model: exchange.model,
      code: error.code,
      seconds: (performance.now() - exchange.startedMs) / 1000,
      requestId: exchange.id,
      error,
    });
    this.#send(exchange, response, error.status, JSON.stringify(errorBody(error)));
  }

  #send({ request, headers, contentType }: Exchange, response: ServerResponse, status: number, text: string): void {
    headers['content-type'] = contentType;
    headers['content-length'] = Buffer.byteLength(text);
    // The last reply of a connection says so; one with a request behind it that was sent already does not.
    if (this.#isClosing && this.#connectionOf(request.socket).exchanges === 1) headers['connection'] = 'close';
    response.writeHead(status, headers).end(text);
  }

  /** A connection that never became a request: too slow, or not HTTP. There is no response object; the bytes are ours. */
  #refuse(error: Error & { code?: string }, socket: Socket): void {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    this.#refused.add(socket);
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
    this.#options.onReply({ route: '', model: '', code: refusal.code, seconds: 0, requestId: '', error: refusal });
  }
}
