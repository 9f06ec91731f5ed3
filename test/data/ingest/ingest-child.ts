import { loadConfig } from '../../../config/load.ts';
import { ingest } from '../../../data/ingest/ingest.ts';
import { openLmdbStore } from '../../../orchestrator/features/store/lmdb.ts';
import { openTestStore } from '../../orchestrator/features/store/redis-under-test.ts';

// A process that ingests planes and tells of each batch, until it is done or killed.
const [kind, where, yaml, file, checkpoint, rejects] = process.argv.slice(2);
const { checked } = loadConfig(yaml, {});
const store =
  kind === 'lmdb' ? await openLmdbStore({ path: where, project: 'nyc' }) : await openTestStore({ url: where });
process.send?.({ rows: 0 });
const result = await ingest({
  checked: checked!,
  view: 'plane',
  data: { files: [file] },
  stores: new Map([['online', store]]),
  checkpoint: { file: checkpoint, identity: {} },
  rejects,
  batchRows: 100,
  onProgress: ({ rows }) => process.send?.({ rows }),
  signal: new AbortController().signal,
});
process.send?.({ result });
await store.close();
process.disconnect?.();
