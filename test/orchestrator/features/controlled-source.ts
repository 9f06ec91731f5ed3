import type { CacheConfig } from '../../../config/schema.ts';
import {
  newValues,
  Source,
  SOURCES,
  sourceOf,
  stateOf,
  Status,
  STATUSES,
  statusOf,
} from '../../../orchestrator/plan/column.ts';
import type { Columns } from '../../../orchestrator/plan/column.ts';
import type { FieldPlan, ViewPlan } from '../../../orchestrator/plan/plan.ts';
import type { FeatureSource, FetchOptions, FieldSpec, Keys } from '../../../orchestrator/features/source.ts';

/** What the source has for a key: values by field, nothing, a failure of this key alone, or a value it cannot read. */
export type Given =
  Readonly<Record<string, number | string | null | typeof WRONG_TYPE>> | 'NOT_FOUND' | 'TIMEOUT' | 'ERROR';
export const WRONG_TYPE = Symbol('wrong type');

/** One fetch that the source was asked for and that the test answers when it likes. */
export interface Asked {
  keys: readonly string[];
  fields: readonly string[];
  options: FetchOptions;
  answer(give: (key: string) => Given, extra?: Pick<Columns, 'freshMs'>): void;
  fail(cause: unknown): void;
}

/** A source whose fetches settle when the test says so. What was aborted rejects, as a source must. */
export class ControlledSource implements FeatureSource {
  readonly asked: Asked[] = [];

  get last(): Asked {
    const last = this.asked.at(-1);
    if (!last) throw new Error('nothing was asked');
    return last;
  }

  fetch(keys: Keys, fields: readonly FieldSpec[], options: FetchOptions): Promise<Columns> {
    const text = [...keys.text];
    return new Promise((resolve, reject) => {
      this.asked.push({
        keys: text,
        fields: fields.map(({ name }) => name),
        options,
        answer: (give, extra) => resolve({ ...columnsOf(text, fields, give), ...extra }),
        fail: reject,
      });
      options.signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  }
}

export function columnsOf(
  keys: readonly string[],
  fields: readonly FieldSpec[],
  give: (key: string) => Given,
): Columns {
  const columns: Columns = {
    rows: keys.length,
    values: fields.map(({ type }) => newValues(type, keys.length)),
    states: fields.map(() => new Uint8Array(keys.length)),
    timestampMs: new Float64Array(keys.length).fill(1_000_000),
  };
  for (const [row, key] of keys.entries()) {
    const given = give(key);
    for (const [at, { name, type }] of fields.entries()) {
      const nothing = type === 'string' ? null : Number.NaN;
      const value = typeof given === 'string' ? given : given[name];
      const [kept, state] =
        typeof given === 'string'
          ? [nothing, stateOf(Status[given], given === 'NOT_FOUND' ? Source.service : Source.none)]
          : typeof value === 'symbol'
            ? [nothing, stateOf(Status.ERROR, Source.service)]
            : [value ?? nothing, stateOf(value === null ? Status.NULL_VALUE : Status.PRESENT, Source.service)];
      columns.values[at][row] = kept;
      columns.states[at][row] = state;
    }
  }
  return columns;
}

/** Each cell as `value STATUS source`, row by row. */
export function cellsOf(columns: Columns): string[][] {
  return Array.from({ length: columns.rows }, (_, row) =>
    columns.values.map((values, at) => {
      const state = columns.states[at][row];
      return `${values[row]} ${STATUSES[statusOf(state)]} ${SOURCES[sourceOf(state)]}`;
    }),
  );
}

export const FIELDS: readonly FieldSpec[] = [
  { name: 'n', type: 'double' },
  { name: 's', type: 'string' },
];

/** A view with the fields `n` (double) and `s` (string). */
export function viewOf(cache: CacheConfig): ViewPlan {
  const fields = FIELDS.map(({ name, type }, slot): FieldPlan => ({
    slot,
    name: `v.${name}`,
    field: name,
    type,
    perInstance: true,
    default: type === 'string' ? null : Number.NaN,
    hasDefault: false,
  }));
  return {
    name: 'v',
    origin: { kind: 'store', store: 'online', table: 'v' },
    perInstance: true,
    key: [],
    fields,
    maxAgeMs: undefined,
    onMissing: 'default',
    onError: 'default',
    nulls: 'keep',
    cache,
  };
}

export const keysOf = (...text: string[]): Keys => ({ count: text.length, text });
