import { AppError } from '../../../foundation/errors.ts';
import type { HttpServer } from './server.ts';

/** Liveness and readiness with the bodies that clients of the serving protocols parse. */
export function addHealthRoutes(server: HttpServer, notReady: () => string | undefined): void {
  server.route('GET', '/', () => ({ status: 'alive' }));
  server.route('GET', '/v2/health/live', () => ({ live: true }));
  server.route('GET', '/v2/health/ready', () => {
    const reason = notReady();
    if (reason !== undefined) throw new AppError('NOT_READY', reason);
    return { ready: true };
  });
}
