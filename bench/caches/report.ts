import { median } from '../load/median.ts';
import { judge, ratiosOf, renderRatios } from '../load/ratios.ts';
import type { StackName } from '../load/stack.ts';
import type { Warmth } from './items.ts';
import type { CacheCell } from './measure.ts';

/** One line of the table: a stack under a load, one cell a round. */
export interface CacheLine {
  warmth: Warmth;
  rows: number;
  stack: StackName;
  cells: CacheCell[];
}

const KNOWN: Record<Warmth, string> = { hot: 'all', half: 'every other', cold: 'none' };
const COLUMNS = [
  ['requests/s', (cell: CacheCell) => cell.requestsPerSecond, 0],
  ['p50 ms', (cell: CacheCell) => cell.p50Ms, 2],
  ['p99 ms', (cell: CacheCell) => cell.p99Ms, 2],
  ['CPU µs a request: server', (cell: CacheCell) => cell.cpuUs.server, 0],
  ['model', (cell: CacheCell) => cell.cpuUs.model, 0],
  ['both', (cell: CacheCell) => cell.cpuUs.total, 0],
  ['the service', (cell: CacheCell) => cell.serviceUs, 0],
  ['keys fetched a request', (cell: CacheCell) => cell.keysARequest, 2],
  ['calls a request', (cell: CacheCell) => cell.callsARequest, 2],
] as const;

const speedOf = (cell: CacheCell): number => cell.requestsPerSecond;
const cpuOf = (cell: CacheCell): number => cell.cpuUs.total;

/** The table, the ratios and whether the aims are met. */
export function renderCaches(lines: readonly CacheLine[]): string {
  return `| N | keys known | stack | ${COLUMNS.map(([title]) => title).join(' | ')} |
|---:|---|---|${COLUMNS.map(() => '---:').join('|')}|
${lines.map(renderLine).join('\n')}

## Tandem against the others

Medians of the rounds' ratios, with the least and the greatest.

| N | keys known | requests/s ÷ bare | CPU ÷ bare | requests/s ÷ echo |
|---:|---|---|---|---|
${lines
  .filter(({ stack }) => stack === 'tandem')
  .map((line) => renderComparison(line, lines))
  .join('\n')}

## Aims, all keys known

${aims(lines).join('\n')}`;
}

function renderLine({ rows, warmth, stack, cells }: CacheLine): string {
  const middles = COLUMNS.map(([, pick, digits]) => median(cells.map(pick)).toFixed(digits));
  return `| ${rows} | ${stack === 'echo' ? '' : KNOWN[warmth]} | ${stack} | ${middles.join(' | ')} |`;
}

function renderComparison(line: CacheLine, lines: readonly CacheLine[]): string {
  const to = (rival: StackName, pick: (cell: CacheCell) => number): string =>
    renderRatios(ratiosTo(lines, line, rival, pick));
  return `| ${line.rows} | ${KNOWN[line.warmth]} | ${to('bare', speedOf)} | ${to('bare', cpuOf)} | ${to('echo', speedOf)} |`;
}

/** The echo of a size is measured once a round, with the hot cells. */
function ratiosTo(
  lines: readonly CacheLine[],
  { rows, warmth, cells }: CacheLine,
  rival: StackName,
  pick: (cell: CacheCell) => number,
): number[] {
  const beside = lines.find(
    (line) => line.stack === rival && line.rows === rows && (rival === 'echo' || line.warmth === warmth),
  );
  return ratiosOf(cells, beside?.cells ?? [], pick);
}

function aims(lines: readonly CacheLine[]): string[] {
  const hot = (rows: number, rival: StackName): number[] => {
    const line = lines.find(({ stack, warmth, ...of }) => stack === 'tandem' && warmth === 'hot' && of.rows === rows);
    return line === undefined ? [] : ratiosTo(lines, line, rival, speedOf);
  };
  return [
    judge('at N = 10 at least 2 times the requests/s of the bare stack', hot(10, 'bare'), (ratio) => ratio >= 2),
    judge('at N = 100 at least 2 times the requests/s of the bare stack', hot(100, 'bare'), (ratio) => ratio >= 2),
    judge('at N = 10 at least 0.45 of the echo', hot(10, 'echo'), (ratio) => ratio >= 0.45),
    judge('at N = 10 in any case 0.35 of the echo', hot(10, 'echo'), (ratio) => ratio >= 0.35),
  ];
}
