import type {
  ModelExamination,
  PartExamination,
  RoundTrips,
  ServiceExamination,
  StoreExamination,
  ViewExamination,
} from '../data/doctor/examination.ts';
import { formatShare } from '../data/doctor/judge-rows.ts';
import { formatBytes } from '../foundation/duration.ts';
import type { Finding } from '../orchestrator/features/finding.ts';
import { alignColumns, indent, type Cell, type Paint } from '../orchestrator/plan/text-table.ts';
import { plural } from './problem-count.ts';
import { formatMs } from './short-times.ts';

const STYLES = { problem: 'red', warning: 'yellow', unknown: 'dim' } as const;

/** A part for a person: what it is, what was measured, what was found; of a store also its views. */
export function printPart(part: PartExamination, paint: Paint): string {
  const head = `${paint('bold', `${part.part} ${part.name}`)}: ${headOf(part)}`;
  const lines = [
    head,
    ...factLines(factsOf(part), 2, paint),
    ...findingLines(part.findings, 2, paint),
    ...(part.part === 'store' ? part.views.flatMap((view) => viewLines(view, paint)) : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** The last line: how many of each were found. */
export function printVerdict(findings: readonly Finding[], paint: Paint): string {
  const count = (severity: Finding['severity']): number => findings.filter((each) => each.severity === severity).length;
  const [problems, warnings, unknown] = [count('problem'), count('warning'), count('unknown')];
  const told = [
    problems > 0 ? paint('red', plural(problems, 'problem')) : 'no problem',
    ...(warnings > 0 ? [paint('yellow', plural(warnings, 'warning'))] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ];
  return `${told.join(', ')}\n`;
}

function headOf(part: PartExamination): string {
  switch (part.part) {
    case 'store':
      return `${part.server === null ? part.type : serverText(part.server)}, ${part.address}`;
    case 'service':
      return part.address;
    case 'model':
    case 'functions':
      return `${part.server === null ? '' : `${serverText(part.server)}, `}${part.address}`;
  }
}

const serverText = ({ name, version }: { name: string; version: string | null }): string =>
  version === null ? name : `${name} ${version}`;

function factsOf(part: PartExamination): [name: string, text: string][] {
  const connected: [string, string][] = part.connectMs === null ? [] : [['connect', formatMs(part.connectMs)]];
  switch (part.part) {
    case 'store':
      return [...connected, ...storeFacts(part)];
    case 'service':
      return [...connected, ...serviceFacts(part)];
    case 'model':
    case 'functions':
      return [...connected, ...modelFacts(part)];
  }
}

function storeFacts({ roundTrips, facts }: StoreExamination): [string, string][] {
  const told = Object.entries(facts).flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[wordsOf(name), factText(name, value)]],
  );
  if (roundTrips === null) return told;
  return [['round trip', `${tripsText(roundTrips)} gets of ${roundTrips.keys} keys`], ...told];
}

function serviceFacts({ tls }: ServiceExamination): [string, string][] {
  return tls === null ? [] : [['tls', `${tls.protocol}, certificate until ${tls.validUntil}`]];
}

function modelFacts({ isLoaded, version, replicas, calls, roundTrips }: ModelExamination): [string, string][] {
  const facts: [string, string][] = [];
  if (isLoaded === true) facts.push(['loaded', version === null ? 'yes' : `version ${version}`]);
  if (replicas !== null && replicas > 1) facts.push(['replicas', numberText(replicas)]);
  if (calls !== null) facts.push(['calls', `by ${calls}`]);
  if (roundTrips !== null) facts.push(['round trip', `${tripsText(roundTrips)} questions`]);
  return facts;
}

const tripsText = ({ count, p50Ms, p99Ms }: RoundTrips): string =>
  `p50 ${formatMs(p50Ms)}, p99 ${formatMs(p99Ms)} of ${numberText(count)}`;

function viewLines({ view, table, counted, rows, bytes, findings }: ViewExamination, paint: Paint): string[] {
  const facts: [string, string][] = [];
  if (counted !== null) facts.push(['rows', `${counted.isWhole ? '' : 'more than '}${numberText(counted.rows)}`]);
  if (rows !== null) facts.push(['sample', `${numberText(rows.decoded)} of ${numberText(rows.sampled)} decode`]);
  if (rows !== null && rows.oldest !== null) {
    const untimed = rows.untimedShare === 0 ? '' : `, none in ${formatShare(rows.untimedShare)}`;
    facts.push(['_ts', `${rows.oldest} to ${rows.newest}${untimed}`]);
  }
  if (bytes !== null) {
    const { keyBytes, valueBytes, memoryBytes, millionRowsBytes } = bytes;
    const memory = memoryBytes === null ? '' : `, ${memoryBytes}B of the server's memory`;
    const text = `key ${keyBytes}B, value ${valueBytes}B${memory}; a million rows ${formatBytes(millionRowsBytes)}`;
    facts.push(['a row', text]);
  }
  const name = table === view ? '' : `, table ${table}`;
  return [
    `  ${paint('bold', `view ${view}`)}${name}`,
    ...factLines(facts, 4, paint),
    ...indent(alignColumns(fieldRows(rows), paint), 4),
    ...findingLines(findings, 4, paint),
  ];
}

function fieldRows(rows: ViewExamination['rows']): Cell[][] {
  if (rows === null || rows.decoded === 0) return [];
  return rows.fields.map(({ name, type, nullShare, wrongTypeShare }) => [
    name,
    { text: type, style: 'dim' },
    `${formatShare(nullShare)} null`,
    wrongTypeShare === 0 ? '' : { text: `${formatShare(wrongTypeShare)} of another type`, style: 'red' },
  ]);
}

function factLines(facts: readonly [name: string, text: string][], by: number, paint: Paint): string[] {
  const rows = facts.map(([name, text]): Cell[] => [{ text: name, style: 'dim' }, text]);
  return indent(alignColumns(rows, paint), by);
}

function findingLines(findings: readonly Finding[], by: number, paint: Paint): string[] {
  return findings.flatMap(({ code, severity, message, mend }) => [
    `${' '.repeat(by)}${paint(STYLES[severity], severity)} ${paint('dim', code)} ${message}`,
    ...(mend === null ? [] : [`${' '.repeat(by + 2)}${mend}`]),
  ]);
}

/** `freeDiskBytes` is `free disk`: the unit stands with the value. */
function wordsOf(name: string): string {
  return name
    .replace(/(?:Bytes|Seconds)$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^is /, '');
}

function factText(name: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (name.endsWith('Bytes')) return formatBytes(value);
  return name.endsWith('Seconds') ? `${value}s` : numberText(value);
}

const numberText = (value: number): string => value.toLocaleString('en-US');
