import { formatDuration } from '../../foundation/duration.ts';
import { finding, type Finding } from '../../orchestrator/features/finding.ts';
import type { RowsExamination } from './examination.ts';

/** What of a sample of rows is wrong for the view that reads them. */
export function judgeRows(rows: RowsExamination, maxAgeMs: number | undefined): Finding[] {
  const { sampled, decoded, undecodable, absent, unread, fields, untimedShare, outsideMaxAgeShare } = rows;
  const findings: Finding[] = [];
  const ofSample = (count: number): string => `${count} of ${sampled} rows`;
  if (unread > 0) {
    const message = `${ofSample(unread)} could not be read, or came after the store's \`timeout\``;
    findings.push(finding('NOT_READ', message, 'see the round trip against `timeout`'));
  }
  if (undecodable > 0) {
    const message = `${ofSample(undecodable)} are no rows of the store's \`encoding\`, or have a \`_ts\` that is no time: ERROR`;
    findings.push(finding('UNDECODABLE', message, 'ingest the table anew, or set the encoding that it was written in'));
  }
  if (absent > 0) {
    const message = `${ofSample(absent)} are listed and not there: they expired meanwhile, or have none of the fields`;
    findings.push(finding('NO_ROW', message));
  }
  for (const { name, type, wrongTypeShare } of fields) {
    if (wrongTypeShare === 0) continue;
    const message = `\`${name}\` is no ${type} in ${formatShare(wrongTypeShare)} of the rows: ERROR`;
    findings.push(finding('WRONG_TYPE', message, 'declare the type that the rows have, or ingest them anew'));
  }
  if (maxAgeMs === undefined || decoded === 0) return findings;
  if (untimedShare > 0) {
    const message = `${formatShare(untimedShare)} of the rows have no \`_ts\`: with \`maxAge\` they count as too old`;
    findings.push(finding('UNTIMED', message, 'write `_ts` beside the fields, or take `maxAge` out'));
  }
  if (outsideMaxAgeShare !== null && outsideMaxAgeShare > 0) {
    const message = `${formatShare(outsideMaxAgeShare)} of the rows are older than \`maxAge\` (${formatDuration(maxAgeMs)}) now`;
    findings.push(finding('OUTSIDE_MAX_AGE', message, 'ingest newer rows, or allow older ones'));
  }
  return findings;
}

/** A share of 1 in per cent, so that what is there is never shown as nothing, nor what is missing as all. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return '<0.1%';
  if (share < 1 && share > 0.999) return '>99.9%';
  return `${Number((100 * share).toFixed(1))}%`;
}
