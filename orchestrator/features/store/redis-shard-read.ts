import type { ChainableCommander } from 'iovalkey';
import { AppError } from '../../../foundation/errors.ts';
import { commonFailure, failureOf, type FailedFetch } from '../fetch-in-time.ts';
import type { FetchScope } from '../fetch-scope.ts';
import type { RowBlock } from '../row-block.ts';
import type { KeyedRows } from './keyed-rows.ts';
import { pipelined } from './redis-pipeline.ts';
import type { RedisRoutes, Turn } from './redis-routes.ts';
import type { RowPlaces, RowReader } from './redis-rows.ts';
import type { Shard } from './redis-shard-map.ts';

/** What is read, and where it is laid down. */
interface Reading {
  routes: RedisRoutes;
  reader: RowReader;
  block: RowBlock;
  scope: FetchScope;
}

/** What one server is asked for in one write. */
interface Part extends KeyedRows, Turn {
  /** The shard of a server that was chosen of it, not told by another. */
  shard?: Shard;
  /** Whether one command may ask for all. */
  isTogether: boolean;
}

/** A key of a part that its server did not answer. */
interface Refused {
  at: number;
  cause: unknown;
}

/** Reads keys from the servers that have them, one write each, and follows what servers say of where others are. */
export async function readShards(reading: Reading, chunk: KeyedRows): Promise<FailedFetch | undefined> {
  const { parts, unplaced } = partsOf(reading.routes, chunk);
  if (parts.length === 1 && unplaced.length === 0) return readPart(reading, parts[0], 0);
  const failures = await Promise.all(parts.map((part) => readPart(reading, part, 0)));
  if (unplaced.length > 0) failures.push(fail(reading, unplaced, reading.routes.unknown()));
  return commonFailure(failures);
}

function partsOf(routes: RedisRoutes, { keys, rows }: KeyedRows): { parts: Part[]; unplaced: number[] } {
  const parts = new Map<Shard, Part & { slot: number }>();
  const unplaced: number[] = [];
  for (let at = 0; at < keys.length; at++) {
    const slot = routes.map.slotOf(keys[at]);
    const shard = routes.map.at(slot);
    if (shard === undefined) {
      unplaced.push(rows[at]);
      continue;
    }
    let part = parts.get(shard);
    if (part === undefined) {
      const server = routes.readerOf(shard);
      parts.set(shard, (part = { shard, server, isAsking: false, isTogether: true, slot, keys: [], rows: [] }));
    }
    if (part.slot !== slot) part.isTogether = false;
    part.keys.push(keys[at]);
    part.rows.push(rows[at]);
  }
  return { parts: [...parts.values()], unplaced };
}

async function readPart(reading: Reading, part: Part, turns: number): Promise<FailedFetch | undefined> {
  const { reader, block, scope } = reading;
  const { server, keys, rows } = part;
  const places: RowPlaces = { block, rows, isOver: false };
  let refused: Refused[] = [];
  try {
    if (part.isTogether) {
      await server.runRows((client) => reader.read(client, keys, places), scope);
    } else {
      const ask = (pipeline: ChainableCommander, key: string): void => reader.askAlone(pipeline, key);
      const replies = await server.run((client) => pipelined(client, keys, ask, part.isAsking), scope);
      for (let at = 0; at < rows.length; at++) {
        const [given] = replies[at];
        if (!reader.layAlone(given, block, rows[at])) refused.push({ at, cause: given[0] });
      }
    }
  } catch (cause) {
    places.isOver = true;
    for (const row of rows) block.afresh(row);
    refused = rows.map((_, at) => ({ at, cause }));
  }
  if (refused.length === 0) return undefined;
  const failure = await readElsewhere(reading, part, refused, turns);
  return refused.length < rows.length ? undefined : failure;
}

/** Asks for what was refused where it is said to be; what is said to be nowhere fails. What nothing could be read of. */
async function readElsewhere(
  reading: Reading,
  part: Part,
  refused: readonly Refused[],
  turns: number,
): Promise<FailedFetch | undefined> {
  const failed = new Map<unknown, number[]>();
  const again: Part[] = [];
  let last: { cause: unknown; turn: Turn | undefined } | undefined;
  for (const { at, cause } of refused) {
    // A connection that broke is one cause for all of its keys.
    if (last === undefined || last.cause !== cause) {
      const asked = { ...part, isAlone: !part.isTogether || part.keys.length === 1 };
      last = { cause, turn: reading.routes.turnAfter(cause, asked, turns) };
    }
    const { turn } = last;
    if (turn === undefined) {
      const rows = failed.get(cause);
      if (rows === undefined) failed.set(cause, [part.rows[at]]);
      else rows.push(part.rows[at]);
      continue;
    }
    let next = again.find(({ server, isAsking }) => server === turn.server && isAsking === turn.isAsking);
    if (next === undefined) again.push((next = { ...turn, isTogether: false, keys: [], rows: [] }));
    next.keys.push(part.keys[at]);
    next.rows.push(part.rows[at]);
  }
  const failures = await Promise.all(again.map((next) => readPart(reading, next, turns + 1)));
  for (const [cause, rows] of failed) {
    failures.push(fail(reading, rows, cause instanceof AppError ? cause : part.server.refusal(cause)));
  }
  return commonFailure(failures);
}

function fail({ block }: Reading, rows: readonly number[], cause: AppError): FailedFetch {
  const failure = failureOf(cause);
  for (const row of rows) block.unknown(row, failure.status);
  return failure;
}
