import type { Redis } from 'iovalkey';
import { CallSignal } from '../../../foundation/cancel-signal.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { RedisConnection } from './redis-connection.ts';

/**
 * The first answer of some servers, which are asked two at a time, in a circle that begins at `first`: one that is
 * silent holds nobody up, and a crowd is not asked for what one can say. Throws AggregateError with what each failed of.
 */
export async function firstAnswer<Answer>(
  servers: readonly RedisConnection[],
  first: number,
  ask: (server: RedisConnection) => Promise<Answer>,
): Promise<Answer> {
  const failures: unknown[] = [];
  const begin = servers.length === 0 ? 0 : first % servers.length;
  const circle = [...servers.slice(begin), ...servers.slice(0, begin)];
  for (let at = 0; at < circle.length; at += 2) {
    try {
      return await Promise.any(circle.slice(at, at + 2).map(ask));
    } catch (cause) {
      failures.push(...(cause as AggregateError).errors);
    }
  }
  throw new AggregateError(failures, 'no server answered');
}

/** What a server answers to who asks for himself, not for a request. Throws AppError as `run` does. */
export async function answerWithin<Reply>(
  server: RedisConnection,
  ask: (client: Redis) => Promise<Reply>,
  timeoutMs: number,
  now: () => number,
): Promise<Reply> {
  const scope = new FetchScope({ signal: new CallSignal(), deadlineMs: now() + timeoutMs }, now);
  try {
    return await server.run(ask, scope);
  } finally {
    scope.close();
  }
}
