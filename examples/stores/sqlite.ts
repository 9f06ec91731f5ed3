import { DatabaseSync } from 'node:sqlite';
import type { OpenStore, Row } from 'tandem-serving/store';

/** Rows of a SQLite file: `type: ./sqlite.ts` with `options: { file: features.sqlite }`. */
const open: OpenStore = ({ project, options, rows, newBlock, refuse }) => {
  const database = new DatabaseSync(options['file'] as string);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000');
  database.exec('CREATE TABLE IF NOT EXISTS features (key TEXT PRIMARY KEY, row TEXT NOT NULL) WITHOUT ROWID');
  const get = database.prepare('SELECT row FROM features WHERE key = ?');
  const put = database.prepare('INSERT OR REPLACE INTO features VALUES (?, ?)');
  const list = database.prepare('SELECT key FROM features WHERE key >= ? AND key < ? ORDER BY key LIMIT 10000');
  const prefixOf = (table: string): string => `${project}:${table}:`;
  const page = (table: string, last?: string): string[] => {
    const prefix = prefixOf(table);
    // From behind the last key, before which nothing can stand, to where the table's keys end: `;` follows `:`.
    const from = last === undefined ? prefix : `${prefix}${last}\u0000`;
    const found = list.all(from, `${prefix.slice(0, -1)};`) as { key: string }[];
    return found.map(({ key }) => key.slice(prefix.length));
  };

  return {
    source: (table) => ({
      /** One row a key, in the keys' order. A store over the network awaits here, until `signal` or `deadlineMs`. */
      fetch(keys, fields, { signal }) {
        if (signal.aborted) throw refuse('CANCELLED', 'The caller has gone.');
        const block = newBlock(fields, keys.count);
        const decode = rows.decoder(fields);
        for (const [at, key] of keys.text.entries()) {
          const found = get.get(prefixOf(table) + key) as { row: string } | undefined;
          if (found === undefined) block.missing(at);
          else decode(found.row, block, at);
        }
        return block.columns;
      },
    }),
    sink(table, { expiryMs, newest } = {}) {
      if (expiryMs !== undefined || newest) throw refuse('INVALID_INPUT', 'SQLite rows neither expire nor compare.');
      const encode = rows.encoder(table);
      const entryOf = (row: Row): [string, string] => {
        if (row.key.length > 10_000) throw refuse('INVALID_INPUT', 'The key of a row is too long.');
        return [prefixOf(table) + row.key, encode(row)];
      };
      return {
        /** All or nothing: encoded first, then one transaction. */
        async write(given, { signal }) {
          if (signal.aborted) throw refuse('CANCELLED', 'The write was cancelled.');
          const entries = given.map(entryOf);
          database.exec('BEGIN IMMEDIATE');
          for (const entry of entries) put.run(...entry);
          database.exec('COMMIT');
          return entries.length;
        },
      };
    },
    isEmpty: async (table) => page(table).length === 0,
    async *keys(table) {
      for (let found = page(table); found.length > 0; found = page(table, found.at(-1))) yield found;
    },
    close: async () => database.close(),
  };
};

export default open;
