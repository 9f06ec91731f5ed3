import type { Redis } from 'iovalkey';
import type { Row } from '../source.ts';
import { newestScript } from './redis-newest-script.ts';
import { pipelined, type CommandReply } from './redis-pipeline.ts';
import type { RedisRows } from './redis-rows.ts';
import type { Written } from './redis-servers.ts';
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
 * What became of each row, when the server has judged all. One that does not know the script (it began anew, or is
 * another of a cluster) is sent it with those rows. `isAsking` as for `pipelined`.
 */
export async function sendNewest(
  client: Redis,
  { form }: RedisRows,
  writes: readonly NewestWrite[],
  isAsking: boolean,
): Promise<readonly Written[]> {
  const { text, digest } = newestScript(form);
  const known = await pipelined(
    client,
    writes,
    (pipeline, { key, rest }) => void pipeline.evalsha(digest, 1, key, ...rest),
    isAsking,
  );
  const written = known.map(judged);
  const unknown = [...written.keys()].filter((at) => isUnknownScript(written[at]));
  if (unknown.length === 0) return written;
  const again = await pipelined(
    client,
    unknown.map((at) => writes[at]),
    (pipeline, { key, rest }) => void pipeline.eval(text, 1, key, ...rest),
    isAsking,
  );
  for (const [index, at] of unknown.entries()) written[at] = judged(again[index]);
  return written;
}

function judged([reply]: readonly CommandReply[]): Written {
  const [error, put] = reply ?? [new Error('The server did not answer.'), null];
  return error ?? Number(put) === 1;
}

function isUnknownScript(written: Written): boolean {
  return written instanceof Error && written.message.startsWith('NOSCRIPT');
}
