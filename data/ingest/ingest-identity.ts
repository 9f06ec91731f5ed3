import type { IngestIdentity } from './checkpoint.ts';
import type { DataSource } from './data-sources.ts';
import type { IngestOptions } from './ingest.ts';
import type { Target } from './target.ts';

/** What must be the same for an ingest to go on where another ended. How many rows may be bad may change. */
export function identityOfIngest(
  { stores, sink, names = new Map(), rejects }: IngestOptions,
  { table, key, fields }: Target,
  sources: readonly DataSource[],
): IngestIdentity {
  return {
    table,
    key: typed(key),
    fields: typed(fields),
    stores: [...stores.keys()].join(', ') || 'none',
    '--newest': sink?.newest ? 'on' : 'off',
    '--expiry': sink?.expiryMs === undefined ? 'none' : `${sink.expiryMs}ms`,
    '--map':
      Array.from(names, ([name, column]) => `${name}=${column}`)
        .sort()
        .join(', ') || 'none',
    '--rejects': rejects ?? 'none',
    files: sources.map(({ name }) => name).join(', '),
    ...Object.fromEntries(sources.map(({ name, identity }, at) => [`${name} (${at + 1})`, identity])),
  };
}

function typed(names: Target['key']): string {
  return names.map(({ name, type }) => `${name}: ${type}`).join(', ');
}
