import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../foundation/errors.ts';
import type { Handler } from '../http/router.ts';
import type { HttpServer } from '../http/server.ts';
import { pushRows, type PushOptions } from './push-route.ts';
import { disableView, type ViewOptions } from './view-routes.ts';

export interface AdminOptions extends ViewOptions, PushOptions {
  metrics(): Promise<{ type: string; text: string }>;
  health(): object;
  plan(): object;
  /** The configuration that runs, secrets hidden. */
  config(): object;
  /** Reads the configuration again: what runs then. Rejects with AppError where it is not taken. */
  reload(): Promise<object>;
  drain(): void;
  /** Asked at every request. */
  token(): string | undefined;
}

const LOOPBACK_ADDRESS = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/;

/** The operator's routes. Metrics and health answer anywhere; the rest to a token, or without one on loopback only. */
export function addAdminRoutes(server: HttpServer, options: AdminOptions): void {
  const guarded =
    (handler: Handler): Handler =>
    (exchange) => {
      failUnlessAllowed(exchange.request, options.token());
      return handler(exchange);
    };
  server.route('GET', '/metrics', async (exchange) => {
    const { type, text } = await options.metrics();
    exchange.contentType = type;
    return text;
  });
  server.route('GET', '/health', () => options.health());
  server.route(
    'GET',
    '/plan',
    guarded(() => options.plan()),
  );
  server.route(
    'GET',
    '/config',
    guarded(() => options.config()),
  );
  server.route(
    'POST',
    '/reload',
    guarded(() => options.reload()),
  );
  server.route('POST', '/v1/views/:view:disable', guarded(disableView(options)));
  server.route('POST', '/push', guarded(pushRows(options)));
  server.route(
    'POST',
    '/drain',
    guarded(() => {
      options.drain();
      return { draining: true };
    }),
  );
}

/**
 * With a token: it, and nothing else, opens the door. Without: only callers on this machine, and of those no browser
 * page (an Origin) and no name that was made to resolve here (a foreign Host, DNS rebinding).
 */
function failUnlessAllowed(request: IncomingMessage, token: string | undefined): void {
  const { origin, host, authorization } = request.headers;
  if (origin !== undefined) throw new AppError('FORBIDDEN', 'Admin routes do not answer browsers.');
  if (token !== undefined) {
    if (!isBearer(authorization, token)) throw new AppError('UNAUTHENTICATED', 'A valid bearer token is required.');
    return;
  }
  if (!LOOPBACK_ADDRESS.test(request.socket.localAddress ?? '')) {
    throw new AppError('FORBIDDEN', 'Off loopback this route needs server.admin.token.');
  }
  if (!LOOPBACK_HOST.test(host ?? '')) throw new AppError('FORBIDDEN', 'The Host header does not name this machine.');
}

function isBearer(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(/^Bearer (.*)$/i.exec(authorization ?? '')?.[1] ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
