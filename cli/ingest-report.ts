import type { IngestResult } from '../data/ingest/ingest.ts';
import { rate } from './rate.ts';

/** How an ingest was called and took, beside what came of it. */
export interface IngestRun {
  seconds: number;
  /** The signal that ended it. */
  signal: string | undefined;
  maxErrors: number;
  rejects?: string;
  checkpoint?: string;
}

/** Tells bad rows and what was passed over on stderr, and the sum of it in one line on stdout. */
export function tellIngest(result: IngestResult, run: IngestRun): void {
  for (const line of [...problemLines(result, run), ...endLines(result, run)]) process.stderr.write(`${line}\n`);
  process.stdout.write(`${summary(result, run)}\n`);
}

/** What is told, for machines. */
export function ingestJson({ listed, resumed, ...result }: IngestResult, seconds: number): Record<string, unknown> {
  return {
    ...result,
    resumed,
    seconds: Number(seconds.toFixed(3)),
    rowsPerSecond: seconds > 0 ? Math.round((result.rows - resumed) / seconds) : 0,
    badRows: listed,
  };
}

function problemLines({ bad, listed, ignored }: IngestResult, { rejects }: IngestRun): string[] {
  const lines = listed.flatMap(({ file, unit, place, problems }) =>
    problems.map(({ column, problem }) => {
      const where = column === undefined ? '' : ` column ${column}:`;
      return `${file} ${unit} ${place}:${where} ${problem}`;
    }),
  );
  const more = bad - listed.length;
  const mend = rejects === undefined ? '--rejects FILE keeps them all' : `${rejects} has them all`;
  if (more > 0) lines.push(`… and ${more} more bad rows; ${mend}.`);
  return [...lines, ...ignored.map(({ file, columns }) => `${file}: not read: ${columns.join(', ')}`)];
}

/** Why it ended before its end, and what then. */
function endLines({ ended }: IngestResult, { signal, maxErrors, checkpoint }: IngestRun): string[] {
  const again =
    checkpoint === undefined
      ? 'Run it again to write all anew, which does no harm; --checkpoint FILE would go on from here.'
      : 'The same command goes on from here.';
  switch (ended) {
    case 'done':
      return [];
    case 'stopped':
      return [`Ended by ${signal}. ${again}`];
    case 'too many bad rows':
      return [`More than ${maxErrors} rows are bad (--max-errors): the rows behind were not read.`];
  }
}

/** `84194 of 84200 rows written, 6 bad. 3.2 s, 26,312 rows a second.` */
function summary({ rows, resumed, bad, stores, ended }: IngestResult, { seconds }: IngestRun): string {
  const [only, ...others] = stores;
  const several = others.length > 0;
  const told = [
    only
      ? `${only.written} of ${rows} rows written${several ? ` to ${only.name}` : ''}`
      : `${rows - bad} of ${rows} rows can be written, and none is (--dry-run)`,
    ...others.map(({ name, written }) => `${written} to ${name}`),
    ...stores.flatMap(({ name, kept }) =>
      kept > 0 ? [`${kept} older than the row in place${several ? ` in ${name}` : ''}`] : [],
    ),
    ...(bad > 0 ? [`${bad} bad`] : []),
    ...(resumed > 0 ? [`${resumed} of them by the runs before`] : []),
    ...(ended === 'done' ? [] : ['not all']),
  ];
  return `${told.join(', ')}.${rate(rows - resumed, seconds)}`;
}
