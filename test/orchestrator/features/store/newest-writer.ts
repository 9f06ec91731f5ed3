import { openLmdbStore } from '../../../../orchestrator/features/store/lmdb.ts';
import { openTestStore } from './redis-under-test.ts';

/*
 * A process that, each time it is sent the number of a round, writes the rows of that round, none of which is there yet,
 * leaving newer ones in place. Of each row one of two writers has the newer one, by turns.
 */
const [kind, where, encoding, writer] = process.argv.slice(2);
const store =
  kind === 'lmdb'
    ? await openLmdbStore({ path: where, project: 'nyc' })
    : await openTestStore({ url: where, encoding: encoding as 'json' | 'hash' });
const sink = store.sink('plane', { newest: true });
const { signal } = new AbortController();

process.on('message', (round: number) => {
  const rows = Array.from({ length: 500 }, (_, key) => {
    const moment = (key + round + Number(writer)) % 2;
    return { key: `${round}|${key}`, values: { moment }, timestampMs: Date.UTC(2013, 0, 1) + moment };
  });
  void sink.write(rows, { signal }).then(() => process.send?.(round));
});
process.once('disconnect', () => void store.close());
process.send?.('ready');
