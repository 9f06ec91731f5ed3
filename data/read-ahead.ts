/**
 * The items of `source` in their order, the next one being made while the last is used: one ahead and never more, so
 * that memory is bounded. Who leaves early leaves no work behind: what is under way is awaited, then the source ended.
 */
export async function* readAhead<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = source[Symbol.asyncIterator]();
  let next = settled(iterator.next());
  try {
    for (;;) {
      const result = await next;
      if (result.status === 'rejected') throw result.reason;
      if (result.value.done) return;
      next = settled(iterator.next());
      yield result.value.value;
    }
  } finally {
    await next;
    await iterator.return?.();
  }
}

/** Kept settled: one that fails before its turn must not end the process as a rejection that nobody handles. */
async function settled<Value>(promise: Promise<Value>): Promise<PromiseSettledResult<Value>> {
  const [result] = await Promise.allSettled([promise]);
  return result;
}
