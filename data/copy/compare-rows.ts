import type { FieldSpec } from '../../orchestrator/features/source.ts';
import { STATUSES, statusOf, type Columns } from '../../orchestrator/plan/column.ts';
import type { FieldProblem } from './stored-rows.ts';

/** A row of a block. */
export interface RowAt {
  block: Columns;
  at: number;
}

/** In what two rows of the same fields differ, bit for bit: statuses, values, times. */
export function differences(fields: readonly FieldSpec[], written: RowAt, found: RowAt): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const [field, { name }] of fields.entries()) {
    const [was, is] = [written, found].map(({ block, at }) => ({
      status: statusOf(block.states[field][at]),
      value: block.values[field][at],
    }));
    if (was.status === is.status && Object.is(was.value, is.value)) continue;
    problems.push({ field: name, problem: `was ${shown(was)}, and is read back as ${shown(is)}` });
  }
  const [was, is] = [written, found].map(({ block, at }) => block.timestampMs[at]);
  if (!Object.is(was, is)) problems.push({ field: '_ts', problem: `was ${was}, and is read back as ${is}` });
  return problems;
}

function shown({ status, value }: { status: number; value: number | string | null }): string {
  if (status !== 0) return STATUSES[status];
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
