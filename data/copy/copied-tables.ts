import type { CheckedConfig } from '../../config/checked.ts';
import { AppError } from '../../foundation/errors.ts';
import { didYouMean } from '../../foundation/nearest.ts';
import type { FieldSpec } from '../../orchestrator/features/source.ts';
import { fieldsOf, tableOf } from '../ingest/target.ts';

/** A table to copy: the fields that views of either store declare of it. */
export interface CopiedTable {
  table: string;
  fields: readonly FieldSpec[];
}

/**
 * The tables that views read from either of two stores, in the YAML's order: while a project moves, some of its views
 * may read the one, some the other. Throws INVALID_INPUT where there are none, or `only` names one that is not among them.
 */
export function copiedTables(
  { config: { views } }: CheckedConfig,
  stores: readonly string[],
  only: readonly string[],
): CopiedTable[] {
  const reading = Object.entries(views).filter(([, { store }]) => store !== undefined && stores.includes(store));
  const names = [...new Set(reading.map(([name, view]) => tableOf(name, view)))];
  if (names.length === 0) {
    throw new AppError('INVALID_INPUT', `No view reads the store ${stores.map((store) => `"${store}"`).join(' or ')}.`);
  }
  for (const table of only) {
    if (names.includes(table)) continue;
    const message = `No view reads a table "${table}" of these stores${didYouMean(table, names)}.`;
    throw new AppError('INVALID_INPUT', message);
  }
  return names
    .filter((table) => only.length === 0 || only.includes(table))
    .map((table) => ({
      table,
      fields: fieldsOf(
        table,
        reading.filter(([name, view]) => tableOf(name, view) === table),
      ),
    }));
}
