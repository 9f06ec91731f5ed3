import { median } from '../load/median.ts';
import { judge, ratiosOf, renderRatios } from '../load/ratios.ts';
import type { ServerName } from './servers.ts';

/** One server under so many callers, in one round. CPU is user and system, all threads, a call. */
export interface ServerCell {
  callsPerSecond: number;
  serverUs: number;
  clientUs: number;
}

/** One line of the table, one cell a round. */
export interface ServerLine {
  callers: number;
  name: ServerName;
  cells: ServerCell[];
}

const TITLES: Record<ServerName, string> = {
  typescript: 'TypeScript wrapper',
  python: 'Python wrapper',
  'bare-stream': 'grpc.aio by hand, stream',
  'bare-unary': 'grpc.aio by hand, unary',
};
const PAIRS: readonly (readonly [ServerName, ServerName])[] = [
  ['python', 'typescript'],
  ['python', 'bare-stream'],
  ['python', 'bare-unary'],
];
const AIM = { callers: 16, ratio: 0.5 };

/** The table, the ratios and whether the aim is met. */
export function renderServers(lines: readonly ServerLine[]): string {
  const callers = [...new Set(lines.map((line) => line.callers))];
  const ratios = (count: number, [one, other]: readonly [ServerName, ServerName]): number[] => {
    const cellsOf = (name: ServerName): readonly ServerCell[] =>
      lines.find((line) => line.callers === count && line.name === name)?.cells ?? [];
    return ratiosOf(cellsOf(one), cellsOf(other), (cell) => cell.callsPerSecond);
  };
  return `| callers | server | calls/s | CPU µs a call: server | client |
|---:|---|---:|---:|---:|
${lines.map(renderLine).join('\n')}

## Python against the others

Calls/s, medians of the rounds' ratios, with the least and the greatest.

| callers | ${PAIRS.map(([, other]) => `÷ ${TITLES[other]}`).join(' | ')} |
|---:|---|---|---|
${callers.map((count) => `| ${count} | ${PAIRS.map((pair) => renderRatios(ratios(count, pair))).join(' | ')} |`).join('\n')}

## Aim

${judge(
  `at ${AIM.callers} callers at least ${AIM.ratio.toFixed(2)} of the calls/s of the TypeScript wrapper`,
  ratios(AIM.callers, ['python', 'typescript']),
  (ratio) => ratio >= AIM.ratio,
)}`;
}

function renderLine({ callers, name, cells }: ServerLine): string {
  const middle = (pick: (cell: ServerCell) => number, digits: number): string =>
    median(cells.map(pick)).toFixed(digits);
  return `| ${[
    callers,
    TITLES[name],
    middle(({ callsPerSecond }) => callsPerSecond, 0),
    middle(({ serverUs }) => serverUs, 0),
    middle(({ clientUs }) => clientUs, 0),
  ].join(' | ')} |`;
}
