import { AppError, type ErrorDetail } from '../../foundation/errors.ts';
import { isJsonObject } from '../../foundation/json-object.ts';
import { didYouMean } from '../../foundation/nearest.ts';
import type { Row } from '../../orchestrator/features/source.ts';
import { TIMESTAMP_FIELD } from '../../orchestrator/features/store/json-row.ts';
import { openRowReader } from '../ingest/row-reader.ts';
import type { Target } from '../ingest/target.ts';
import { FEAST_TIME, type PushedRows } from './push-body.ts';

/** Problems that are told of one push; all bad rows are counted. */
const MAX_DETAILS = 100;

/** The rows of a push that are all good. */
export interface CheckedRows {
  rows: Row[];
  /** Columns that are neither key, field nor `_ts`. Only a frame may have some. */
  ignored: string[];
}

/**
 * Checks each row against the table: every part of the key, every field that any view reads (null where nothing is
 * known, since a row is replaced as a whole), `_ts` where there is one. Throws INVALID_INPUT where a row is bad, with all
 * that is wrong, each with its row as `instance`.
 */
export function checkRows(pushed: PushedRows, target: Target): CheckedRows {
  const needed = [...target.key, ...target.fields].map(({ name }) => name);
  const names = [...needed, TIMESTAMP_FIELD];
  const isFrame = 'columns' in pushed;
  const count = isFrame ? pushed.count : pushed.objects.length;
  const problems = new Problems(count);
  if (isFrame) checkColumns(pushed.columns, needed, problems);
  else pushed.objects.forEach((object, row) => checkObject(object, row, needed, problems));
  problems.throwIfAny();
  const cells = names.map((name) => cellsOf(pushed, name));
  const columns = names.map((name) => ({ name, kind: 'json' as const }));
  const chunk = { rows: count, place: (row: number) => row, cells, broken: new Map() };
  const { good, bad } = openRowReader('The push', { columns, unit: 'row' }, target).read(chunk, 0, count, 0);
  for (const { row } of bad) {
    for (const { column, problem } of row.problems) problems.add(row.place, column, () => problem);
  }
  problems.throwIfAny();
  // Feast calls `_ts` otherwise, and its sources may have the time of a row's making beside it.
  const ignored = isFrame
    ? [...pushed.columns.keys()].filter((name) => !names.includes(name) && name !== FEAST_TIME)
    : [];
  return { rows: good.map(({ row }) => row), ignored };
}

function cellsOf(pushed: PushedRows, name: string): unknown[] {
  if ('objects' in pushed) return pushed.objects.map((object) => (object as Record<string, unknown>)[name]);
  const cells = pushed.columns.get(name);
  return Array.isArray(cells) ? (cells as unknown[]) : Array.from({ length: pushed.count }, () => cells);
}

function checkColumns(columns: ReadonlyMap<string, unknown>, needed: readonly string[], problems: Problems): void {
  for (const name of needed) {
    if (!columns.has(name)) problems.add(undefined, name, () => 'is missing: rows of the table have it');
  }
}

function checkObject(object: unknown, row: number, needed: readonly string[], problems: Problems): void {
  if (!isJsonObject(object)) {
    problems.add(row, undefined, () => 'must be an object of key parts and fields');
    return;
  }
  for (const name of needed) {
    if (!Object.hasOwn(object, name)) problems.add(row, name, () => 'is missing: write null where nothing is known');
  }
  for (const name of Object.keys(object)) {
    if (needed.includes(name) || name === TIMESTAMP_FIELD) continue;
    problems.add(row, name, () => `is no part of the table's rows${didYouMean(name, needed)}`);
  }
}

/** What is wrong with the rows of one push. */
class Problems {
  readonly #count: number;
  readonly #details: ErrorDetail[] = [];
  readonly #rows = new Set<number>();
  #isOfAll = false;

  constructor(count: number) {
    this.#count = count;
  }

  /** `row` undefined: of every row. The sentence is made only where it is told: the nearest name takes its time. */
  add(row: number | undefined, field: string | undefined, problem: () => string): void {
    if (row === undefined) this.#isOfAll = true;
    else this.#rows.add(row);
    if (this.#details.length === MAX_DETAILS) return;
    this.#details.push({
      ...(row === undefined ? {} : { instance: row }),
      ...(field === undefined ? {} : { field }),
      problem: problem(),
    });
  }

  throwIfAny(): void {
    if (this.#details.length === 0) return;
    const bad = this.#isOfAll ? this.#count : this.#rows.size;
    const message = `${bad} of ${this.#count} rows are bad: nothing was written.`;
    throw new AppError('INVALID_INPUT', message, { details: this.#details });
  }
}
