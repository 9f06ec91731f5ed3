import { join } from 'node:path';
import { openLmdbStore } from '../../../../orchestrator/features/store/lmdb.ts';

// A process that writes batches until it is killed, and tells of each that is durable.
const store = await openLmdbStore({ path: join(process.argv[2] ?? '.', 'shared'), project: 'nyc' });
const sink = store.sink('plane');
const { signal } = new AbortController();
for (let at = 0; ; at++) {
  const rows = Array.from({ length: 500 }, (_, k) => ({ key: `k${k}`, values: { at, twice: 2 * at } }));
  await sink.write([...rows, { key: 'last', values: { at } }], { signal });
  process.send?.(at);
}
