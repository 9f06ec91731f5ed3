import type { ChainableCommander, Redis } from 'iovalkey';

/** What a server said to one command. */
export type CommandReply = readonly [error: Error | null, value: unknown];

/**
 * Sends what each item adds, all in one write; gives the replies to what an item added. A command that is refused fails
 * by itself. `isAsking`: the server is about to take over the items' slot from another, and is told before each that we
 * come from there; a transaction is told once, before it begins (Redis Cluster specification, "ASK redirection").
 */
export async function pipelined<Item>(
  client: Redis,
  items: readonly Item[],
  add: (pipeline: ChainableCommander, item: Item) => void,
  isAsking: boolean,
): Promise<readonly (readonly CommandReply[])[]> {
  const pipeline = client.pipeline();
  const bounds = items.map((item): [from: number, to: number] => {
    if (isAsking) pipeline.asking();
    const from = pipeline.length;
    add(pipeline, item);
    return [from, pipeline.length];
  });
  const replies: readonly CommandReply[] = (await pipeline.exec()) ?? [];
  return bounds.map(([from, to]) => replies.slice(from, to));
}
