import type { FetchScope } from '../fetch-scope.ts';
import type { RedisRoutes, Turn } from './redis-routes.ts';
import type { SendRows } from './redis-servers.ts';

/** How rows are written. */
interface Writing<Write> {
  routes: RedisRoutes;
  send: SendRows<Write>;
  scope: FetchScope;
}

interface Part<Write> extends Turn {
  writes: Write[];
}

/**
 * Writes rows to the masters that have their keys, one write each, and follows what they say of where others are.
 * Resolves with how many rows were put in place; throws AppError with the first refusal once every server has ended.
 */
export function writeShards<Write extends { key: string }>(
  writing: Writing<Write>,
  writes: readonly Write[],
): Promise<number> {
  const { map } = writing.routes;
  const parts: Part<Write>[] = [];
  for (const write of writes) {
    const shard = map.at(map.slotOf(write.key));
    if (shard === undefined) throw writing.routes.unknown();
    addTo(parts, { server: shard.master, isAsking: false }, write);
  }
  return writeParts(writing, parts, 0);
}

function addTo<Write>(parts: Part<Write>[], turn: Turn, write: Write): void {
  const part = parts.find(({ server, isAsking }) => server === turn.server && isAsking === turn.isAsking);
  if (part) part.writes.push(write);
  else parts.push({ ...turn, writes: [write] });
}

async function writeParts<Write>(
  writing: Writing<Write>,
  parts: readonly Part<Write>[],
  turns: number,
): Promise<number> {
  let count = 0;
  for (const ended of await Promise.allSettled(parts.map((part) => writePart(writing, part, turns)))) {
    if (ended.status === 'rejected') throw ended.reason;
    count += ended.value;
  }
  return count;
}

async function writePart<Write>(writing: Writing<Write>, part: Part<Write>, turns: number): Promise<number> {
  const { routes, send, scope } = writing;
  const { server, isAsking } = part;
  const again: Part<Write>[] = [];
  let count = 0;
  const written = await server
    .run((client) => send(client, part.writes, isAsking), scope)
    .catch((cause: unknown) => {
      routes.notice(cause);
      throw cause;
    });
  for (const [at, each] of written.entries()) {
    if (each instanceof Error) {
      const turn = routes.turnAfter(each, { server, isAsking, isAlone: true }, turns);
      if (turn === undefined) throw server.refusal(each);
      addTo(again, turn, part.writes[at]);
    } else if (each) count++;
  }
  return count + (await writeParts(writing, again, turns + 1));
}
