import { AppError } from '../../foundation/errors.ts';
import { TIMESTAMP_FIELD } from '../../orchestrator/features/store/json-row.ts';
import type { DataSource } from './data-sources.ts';
import { openRowReader, type ColumnNames, type RowReader } from './row-reader.ts';
import type { Target } from './target.ts';

/** A source, and how its columns are read as the target's. */
export interface MatchedSource {
  source: DataSource;
  reader: RowReader;
  /** Its rows, where it says so without being read. */
  totalRows: number | undefined;
}

export interface MatchOptions {
  /** What the sources call columns that the view calls otherwise. */
  names: ColumnNames | undefined;
  /** Whether rows must have a time. */
  needsTime: boolean;
}

/** Opens each source once, so that one that does not fit the target is found before anything is written: INVALID_INPUT. */
export async function matchSources(
  sources: readonly DataSource[],
  target: Target,
  { names, needsTime }: MatchOptions,
): Promise<MatchedSource[]> {
  const matched: MatchedSource[] = [];
  for (const source of sources) {
    const rowFile = await source.open();
    try {
      const reader = openRowReader(source.name, rowFile, target, names);
      if (needsTime && !reader.hasTime) throw untimed(source.name);
      matched.push({ source, reader, totalRows: rowFile.totalRows });
    } finally {
      rowFile.close();
    }
  }
  return matched;
}

function untimed(name: string): AppError {
  const mend = `--map ${TIMESTAMP_FIELD}=COLUMN says which one it is`;
  const message = `${name} has no column "${TIMESTAMP_FIELD}", by which the newest row is known; ${mend}.`;
  return new AppError('INVALID_INPUT', message);
}
