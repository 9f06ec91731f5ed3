/**
 * Runs `work` over items, up to `limit` at once, and gives the results in the items' order. The next item is read only
 * when there is room: what is in memory is bounded by `limit`. The first failure ends the run, after what is under way.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  // Kept settled: one that fails before its turn must not end the process as a rejection that nobody handles.
  const underWay: Promise<PromiseSettledResult<Result>[]>[] = [];
  try {
    for await (const item of items) {
      underWay.push(Promise.allSettled([work(item)]));
      if (underWay.length >= limit) yield await firstOf(underWay);
    }
    while (underWay.length > 0) yield await firstOf(underWay);
  } finally {
    await Promise.all(underWay);
  }
}

async function firstOf<Result>(underWay: Promise<PromiseSettledResult<Result>[]>[]): Promise<Result> {
  const [settled] = (await underWay.shift()) ?? [];
  if (settled?.status === 'fulfilled') return settled.value;
  throw settled?.reason;
}
