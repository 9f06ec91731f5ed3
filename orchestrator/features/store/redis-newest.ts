import type { Redis } from 'iovalkey';
import type { Row } from '../source.ts';
import { newestScript } from './redis-newest-script.ts';
import type { RedisRows } from './redis-rows.ts';
import { rowTimeMs } from './row-time.ts';

/** A row that is ready to be put in place unless the one there is newer. */
export interface NewestWrite {
  /** About how many bytes it is on the wire. */
  size: number;
  key: string;
  /** Of the script, behind the key. */
  rest: readonly (string | Buffer)[];
}

/** Makes the writes of one table's rows. Throws AppError INVALID_INPUT where a row cannot be said. */
export function newestWriter(
  rows: RedisRows,
  table: string,
  expiryMs: number | undefined,
): (key: string, row: Row) => NewestWrite {
  const encode = rows.encoder(table);
  const expiry = expiryMs === undefined ? '' : String(expiryMs);
  return (key, row) => {
    const ms = rowTimeMs(row);
    const rest = [Number.isNaN(ms) ? '' : String(ms), expiry, ...encode(row)];
    return { size: rest.reduce((size, part) => size + part.length, key.length), key, rest };
  };
}

/**
 * Resolves with how many rows were put in place, when the server has judged all; else throws the first refusal. A server
 * that does not know the script (it began anew, or is another of a cluster) is sent it with those rows.
 */
export async function sendNewest(client: Redis, { form }: RedisRows, writes: readonly NewestWrite[]): Promise<number> {
  const { text, digest } = newestScript(form);
  const known = client.pipeline();
  for (const { key, rest } of writes) known.evalsha(digest, 1, key, ...rest);
  const replies = (await known.exec()) ?? [];
  const unknown = writes.filter((_, at) => isUnknownScript(replies[at][0]));
  const again = client.pipeline();
  for (const { key, rest } of unknown) again.eval(text, 1, key, ...rest);
  const others = unknown.length > 0 ? ((await again.exec()) ?? []) : [];
  let written = 0;
  for (const [error, put] of [...replies.filter(([failure]) => !isUnknownScript(failure)), ...others]) {
    if (error) throw error;
    written += Number(put);
  }
  return written;
}

function isUnknownScript(error: Error | null): boolean {
  return error !== null && error.message.startsWith('NOSCRIPT');
}
