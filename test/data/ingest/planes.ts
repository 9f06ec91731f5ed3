import type { CheckedConfig } from '../../../config/checked.ts';
import { ingest, type IngestOptions, type IngestResult } from '../../../data/ingest/ingest.ts';
import type { FieldSpec, Store } from '../../../orchestrator/features/source.ts';
import { openLmdbStore } from '../../../orchestrator/features/store/lmdb.ts';
import type { Columns } from '../../../orchestrator/plan/column.ts';
import { openScratch, type Scratch } from '../scratch.ts';

const PLANES = `
version: 1
project: nyc
inputs: { instance: { tailnum: string } }
stores: { online: { type: lmdb }, spare: { type: lmdb } }
views:
  plane: { store: online, key: { tailnum: instance.tailnum }, fields: { year: int64, twice: int64 } }
models: { m: { features: [plane.year, plane.twice] } }
`;
const HEADER = 'tailnum,year,twice';
const FIELDS: FieldSpec[] = ['year', 'twice'].map((name) => ({ name, type: 'int64' }));

/** Planes to ingest: a folder of files, and stores of their own. */
export interface Planes extends AsyncDisposable {
  scratch: Scratch;
  checked: CheckedConfig;
  stores: ReadonlyMap<string, Store>;
  /** A file of lines of CSV below the header. */
  csv(name: string, ...lines: string[]): Promise<string>;
  run(files: readonly string[], options?: Partial<IngestOptions>): Promise<IngestResult>;
  /** What a store has of a plane: its year and twice that, null where there is no row. */
  read(key: string, store?: string): [number, number] | null;
}

export async function openPlanes(...names: string[]): Promise<Planes> {
  const scratch = await openScratch();
  const checked = await scratch.config(PLANES);
  const stores = new Map<string, Store>();
  for (const name of names) stores.set(name, await openLmdbStore({ path: scratch.path(name), project: 'nyc' }));
  const { signal } = new AbortController();
  return {
    scratch,
    checked,
    stores,
    csv: (name, ...rows) => scratch.text(name, [HEADER, ...rows, ''].join('\n')),
    run: (files, options = {}) => ingest({ checked, view: 'plane', data: { files }, stores, signal, ...options }),
    read(key, store = 'online') {
      const options = { asOfMs: 0, deadlineMs: Infinity, signal };
      const { values } = stores
        .get(store)!
        .source('plane')
        .fetch({ count: 1, text: [key] }, FIELDS, options) as Columns;
      const [year, twice] = values.map((column) => column[0] as number);
      return Number.isNaN(year) && Number.isNaN(twice) ? null : [year, twice];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(stores.values(), (store) => store.close()));
      await scratch.remove();
    },
  };
}

/** Lines of planes `from` up to `to`; every `badEach`th has no year that is one. */
export function lines(from: number, to: number, badEach = Infinity): string[] {
  return Array.from({ length: to - from }, (_, at) => {
    const plane = from + at;
    return plane % badEach === badEach - 1 ? `N${plane},x,0` : `N${plane},${plane},${2 * plane}`;
  });
}
