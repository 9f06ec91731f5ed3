import { setImmediate } from 'node:timers/promises';
import { open, type RootDatabase } from 'lmdb';
import { AppError, callerGone } from '../../../foundation/errors.ts';
import type { Columns } from '../../plan/column.ts';
import { byFields } from '../by-fields.ts';
import type {
  FeatureSource,
  FetchOptions,
  FieldSpec,
  Keys,
  Row,
  RowBytes,
  RowSink,
  SinkOptions,
  Store,
} from '../source.ts';
import { RowBlock } from '../row-block.ts';
import { jsonRows } from './json-row.ts';
import { KeyLimit } from './key-limit.ts';
import { putNewest } from './lmdb-newest.ts';
import { refuseOtherFile } from './lmdb-file.ts';
import { inspectLmdb } from './lmdb-inspect.ts';
import type { DecodeRow, RowEncoding } from './row-encoding.ts';
import { tablePrefix } from './row-key.ts';
import { rowTimeMs } from './row-time.ts';

/** LMDB takes keys up to 1978 bytes here (lmdb-js's limit for pages of 4 KiB); the rest is room for its own marks. */
const KEY_LIMIT = new KeyLimit(1900);

const KEYS_A_PAGE = 10_000;

export interface LmdbOptions {
  /** Folder of the database, created when absent. */
  path: string;
  project: string;
  /** How rows are written and read; JSON unless given. All that use the database use the same. */
  encoding?: RowEncoding;
}

/** The rows of a database in one encoding, by their whole keys. `read` may give memory that the next read overwrites. */
interface StoredRows<Stored extends string | Buffer> {
  database: RootDatabase<Stored, string>;
  read(key: string): Stored | undefined;
  decoder(fields: readonly FieldSpec[]): DecodeRow<Stored>;
  encoder(table: string): (row: Row) => Stored;
}

/**
 * Opens an embedded store. Several processes may have it open and write: a reader sees another's commit at its next
 * event turn (lmdb-js renews the read transaction by a 0 ms timer). Answers without a promise. Rejects with AppError
 * NOT_READY where its file is none of LMDB.
 */
export async function openLmdbStore({ path, project, encoding = jsonRows }: LmdbOptions): Promise<Store> {
  refuseOtherFile(path);
  if (encoding.form === 'bytes') {
    const database = open<Buffer, string>({ path, encoding: 'binary', noSubdir: false });
    return Promise.resolve(
      storeOf(path, project, { ...encoding, database, read: (key) => database.getBinaryFast(key) }),
    );
  }
  // `encoding: string` gives the text in one native call, 6 % less a row than bytes that are then decoded.
  const database = open<string, string>({ path, encoding: 'string', noSubdir: false });
  return storeOf(path, project, { ...encoding, database, read: (key) => database.get(key) });
}

function storeOf<Stored extends string | Buffer>(path: string, project: string, rows: StoredRows<Stored>): Store {
  return {
    source: (table) => tableSource(rows, tablePrefix(project, table)),
    sink: (table, options) => tableSink(rows, tablePrefix(project, table), table, options),
    isEmpty(table) {
      const prefix = tablePrefix(project, table);
      for (const _ of rows.database.getKeys({ start: prefix, end: afterPrefix(prefix), limit: 1 })) {
        return Promise.resolve(false);
      }
      return Promise.resolve(true);
    },
    keys: (table, { signal }) => tableKeys(rows.database, tablePrefix(project, table), signal),
    inspect: () => inspectLmdb(path, rows.database),
    rowBytes: (table, keys) => Promise.resolve(rowBytes(rows, tablePrefix(project, table), keys)),
    close: () => rows.database.close(),
  };
}

function rowBytes<Stored extends string | Buffer>(
  rows: StoredRows<Stored>,
  prefix: string,
  keys: readonly string[],
): RowBytes {
  const sum: RowBytes = { rows: 0, keyBytes: 0, valueBytes: 0, memoryBytes: null };
  for (const text of keys) {
    const key = prefix + text;
    const stored = rows.read(key);
    if (stored === undefined) continue; // gone meanwhile
    sum.rows++;
    sum.keyBytes += Buffer.byteLength(key);
    sum.valueBytes += typeof stored === 'string' ? Buffer.byteLength(stored) : stored.length;
  }
  return sum;
}

/** Every fetch is one synchronous loop, and therefore one read transaction: all its rows are of one moment. */
function tableSource<Stored extends string | Buffer>(rows: StoredRows<Stored>, prefix: string): FeatureSource {
  const decoderOf = byFields((fields) => rows.decoder(fields));
  return {
    fetch(keys: Keys, fields: readonly FieldSpec[], { signal }: FetchOptions): Columns {
      if (signal.aborted) throw callerGone();
      const decode = decoderOf(fields);
      const block = new RowBlock(fields, keys.count);
      for (let row = 0; row < keys.count; row++) {
        const key = prefix + keys.text[row];
        const stored = KEY_LIMIT.isExceededBy(key) ? undefined : rows.read(key);
        if (stored === undefined) block.missing(row);
        else decode(stored, block, row);
      }
      return block.columns;
    },
  };
}

/** Pages of keys, each of a short read transaction: one that lasted would keep the pages that writers give free. */
async function* tableKeys<Stored extends string | Buffer>(
  database: RootDatabase<Stored, string>,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  let start = prefix;
  for (;;) {
    if (signal.aborted) throw callerGone();
    const found = [...database.getKeys({ start, end: afterPrefix(prefix), limit: KEYS_A_PAGE })];
    if (found.length > 0) yield found.map((key) => key.slice(prefix.length));
    if (found.length < KEYS_A_PAGE) return;
    // The first key after the last one: LMDB's order is that of bytes, in which nothing stands between the two.
    start = `${found.at(-1)}\u0000`;
    await setImmediate();
  }
}

/** Rows are encoded first, so that a bad one leaves nothing behind, then committed and flushed: as one, unless `newest`. */
function tableSink<Stored extends string | Buffer>(
  rows: StoredRows<Stored>,
  prefix: string,
  table: string,
  { expiryMs, newest = false }: SinkOptions = {},
): RowSink {
  if (expiryMs !== undefined) throw new AppError('INVALID_INPUT', 'Rows of an lmdb store do not expire.');
  const { database } = rows;
  const encode = rows.encoder(table);
  const decode = rows.decoder([]);
  return {
    async write(given, { signal }) {
      if (signal.aborted) throw new AppError('CANCELLED', 'The write was cancelled.');
      const entries = given.map((row) => ({
        key: entryKey(prefix, row),
        value: encode(row),
        timeMs: newest ? rowTimeMs(row) : Number.NaN,
      }));
      if (entries.length === 0) return 0;
      if (newest) return await putNewest({ ...rows, decode }, entries, signal);
      // Not `transaction`: its promise was seen never to settle (lmdb 3.5.6 on Linux, Node 20 and 24 alike, 10 rows);
      // `batch` puts the same rows into one commit of lmdb's own thread, so that nothing here blocks.
      await database.batch(() => {
        for (const { key, value } of entries) void database.put(key, value);
      });
      await database.flushed;
      database.resetReadTxn();
      return entries.length;
    },
  };
}

function entryKey(prefix: string, row: Row): string {
  const key = prefix + row.key;
  KEY_LIMIT.check(key);
  return key;
}

/** The first text after all that begin with the prefix, whose last character is `:`. */
function afterPrefix(prefix: string): string {
  return `${prefix.slice(0, -1)};`;
}
