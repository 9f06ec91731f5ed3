import type { CopyResult, TableCopy } from '../data/copy/copy.ts';
import { rate } from './rate.ts';

/** How a copy was called and took, beside what came of it. */
export interface CopyRun {
  seconds: number;
  verify: boolean;
  dryRun: boolean;
  /** The signal that ended it. */
  signal: string | undefined;
}

/** Tells bad rows on stderr, and on stdout a line a table, the last one with the rate. */
export function tellCopy({ tables, listed, ended }: CopyResult, run: CopyRun): void {
  for (const { table, key, problems } of listed) {
    for (const { field, problem } of problems) {
      process.stderr.write(`${table} ${key}:${field === undefined ? '' : ` field ${field}`} ${problem}\n`);
    }
  }
  const more = tables.reduce((sum, { bad, differing }) => sum + bad + differing, 0) - listed.length;
  if (more > 0) process.stderr.write(`… and ${more} more rows.\n`);
  if (ended === 'stopped')
    process.stderr.write(`Ended by ${run.signal}. The same command copies all anew, which does no harm.\n`);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  for (const [at, table] of tables.entries()) {
    const told = at === tables.length - 1 ? rate(rows, run.seconds) : '';
    process.stdout.write(`${table.table}: ${tableLine(table, run)}${told}\n`);
  }
}

/** `3322 of 3324 rows copied and read back alike, 2 bad.` */
function tableLine(copy: TableCopy, { verify, dryRun }: CopyRun): string {
  const { rows, written, kept, gone, bad, differing } = copy;
  if (rows === 0) return 'no rows.';
  const alike = verify && differing === 0 && written > 0 ? ' and read back alike' : '';
  return `${[
    dryRun
      ? `${rows - bad - gone} of ${rows} rows can be copied, and none is (--dry-run)`
      : `${written} of ${rows} rows copied${alike}`,
    ...(differing > 0 ? [`${differing} read back otherwise`] : []),
    ...(kept > 0 ? [`${kept} older than the row in place`] : []),
    ...(gone > 0 ? [`${gone} gone meanwhile or without a declared field`] : []),
    ...(bad > 0 ? [`${bad} bad`] : []),
  ].join(', ')}.`;
}
