import type { FieldSpec, Row } from '../../orchestrator/features/source.ts';
import { Status, statusOf } from '../../orchestrator/plan/column.ts';
import { JSON_VALUE } from '../json-value.ts';
import type { RowAt } from './compare-rows.ts';

/** What is wrong with a row of a store, and of which field; absent where it is the row as a whole. */
export interface FieldProblem {
  field?: string;
  problem: string;
}

/** A row of a store as it was read: to be written elsewhere, gone meanwhile, or not to be read. */
export type StoredRow = { row: Row } | { problems: FieldProblem[] } | 'gone';

/** A row of a block, as what is to be written. A value that cannot be decoded makes the row one that cannot. */
export function storedRow(key: string, fields: readonly FieldSpec[], { block, at }: RowAt): StoredRow {
  const statuses = fields.map((_, field) => statusOf(block.states[field][at]));
  if (statuses.includes(Status.NOT_FOUND)) return 'gone';
  const unread = fields.filter((_, field) => statuses[field] === Status.ERROR);
  if (unread.length > 0) return { problems: problemsOf(unread, unread.length === fields.length) };
  const values: Row['values'] = {};
  for (const [field, { name, type }] of fields.entries()) {
    const value = block.values[field][at];
    values[name] = statuses[field] === Status.NULL_VALUE || value === null ? null : JSON_VALUE[type](value);
  }
  const timestampMs = block.timestampMs[at];
  return { row: Number.isNaN(timestampMs) ? { key, values } : { key, values, timestampMs } };
}

function problemsOf(fields: readonly FieldSpec[], isWhole: boolean): FieldProblem[] {
  if (isWhole && fields.length > 1) return [{ problem: 'cannot be decoded' }];
  return fields.map(({ name, type }) => ({
    field: name,
    problem: type === 'int64' ? 'is no int64, or beyond 2^53, where it cannot be read exactly' : `is no ${type}`,
  }));
}
