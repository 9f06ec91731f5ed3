/**
 * Runs `work` over items, up to `limit` at once, and gives the results in the items' order. The next item is read only
 * when there is room: what is in memory is bounded by `limit`. The first failure ends the run, after what is under way.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      underWay.push(work(item));
      if (underWay.length >= limit) yield await firstOf(underWay);
    }
    while (underWay.length > 0) yield await firstOf(underWay);
  } finally {
    await Promise.allSettled(underWay);
  }
}

function firstOf<Result>(underWay: Promise<Result>[]): Promise<Result> {
  return underWay.shift() as Promise<Result>;
}
