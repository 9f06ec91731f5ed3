import { availableParallelism, cpus, totalmem } from 'node:os';
import { WARM_UP_SECONDS, type Cell } from './load/cell.ts';
import { median } from './load/median.ts';
import { judge, ratiosOf, renderRatios } from './load/ratios.ts';
import { notesOf } from './load/results-file.ts';
import type { StackName } from './load/stack.ts';
import type { LoadName } from './load/workload.ts';

/** One line of the table: a stack under a load, one cell a round. */
export interface Measured {
  load: LoadName;
  stack: StackName;
  cells: Cell[];
}

export interface RunFacts {
  date: string;
  seconds: number;
  rounds: number;
  /** The machine's one-minute load before the bench began: what others were doing. */
  loadBefore: number;
}

const TITLES: Record<LoadName, string> = { n1: 'N = 1', n10: 'N = 10', n100: 'N = 100', boards: 'boards' };

/** results.md; the notes that somebody wrote under the last heading of `previous` are kept. */
export function renderResults(measured: readonly Measured[], facts: RunFacts, previous: string): string {
  const { date, seconds, rounds, loadBefore } = facts;
  const gibibytes = (totalmem() / 2 ** 30).toFixed(0);
  return `# Bench

Written by \`npm run bench\` on ${date}: medians of ${rounds} interleaved rounds of ${seconds} s a cell after ${WARM_UP_SECONDS} s of warm-up,
\`wrk -t1 -c16\`, 256 bodies (200 boards), every answer verified before. ${availableParallelism()} cores (${cpus()[0].model}), shared with wrk, ${gibibytes} GiB,
Node ${process.version}, load average before the run ${loadBefore.toFixed(2)}. wrk corrects its p99 for coordinated omission. Resident memory is after the
stack's cell, both processes, with the touched pages of the mapped store. A rival is described at the head of its file
in \`bench/rivals/\`.

| load | stack | requests/s | p50 ms | p99 ms | CPU µs a request: server | model | both | resident MB | fallbacks % |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|
${measured.map(renderRow).join('\n')}

## Tandem against the others

Medians of the rounds' ratios, with the least and the greatest.

| load | requests/s ÷ bare | requests/s ÷ trial | CPU ÷ bare | CPU ÷ trial |
|---|---|---|---|---|
${ratioRows(measured).join('\n')}

## Aims

${aims(measured).join('\n')}

${notesOf(previous)}
`;
}

function renderRow({ load, stack, cells }: Measured): string {
  const middle = (pick: (cell: Cell) => number, digits: number) => median(cells.map(pick)).toFixed(digits);
  return `| ${[
    TITLES[load],
    stack,
    middle((cell) => cell.requestsPerSecond, 0),
    middle((cell) => cell.p50Ms, 2),
    middle((cell) => cell.p99Ms, 2),
    middle((cell) => cell.cpuUs.server, 0),
    middle((cell) => cell.cpuUs.model, 0),
    middle((cell) => cell.cpuUs.total, 0),
    middle((cell) => cell.residentBytes / 2 ** 20, 0),
    middle((cell) => (cell.fallbacks / cell.requests) * 100, 1),
  ].join(' | ')} |`;
}

const speedOf = (cell: Cell): number => cell.requestsPerSecond;
const cpuOf = (cell: Cell): number => cell.cpuUs.total;

function ratioRows(measured: readonly Measured[]): string[] {
  return measured
    .filter(({ stack }) => stack === 'tandem')
    .map(({ load }) => {
      const ratios = [
        ratiosTo(measured, load, 'bare', speedOf),
        ratiosTo(measured, load, 'trial', speedOf),
        ratiosTo(measured, load, 'bare', cpuOf),
        ratiosTo(measured, load, 'trial', cpuOf),
      ];
      return `| ${TITLES[load]} | ${ratios.map(renderRatios).join(' | ')} |`;
    });
}

/** Tandem divided by the rival. */
function ratiosTo(
  measured: readonly Measured[],
  load: LoadName,
  rival: StackName,
  pick: (cell: Cell) => number,
): number[] {
  const cellsOf = (stack: StackName) =>
    measured.find((line) => line.load === load && line.stack === stack)?.cells ?? [];
  return ratiosOf(cellsOf('tandem'), cellsOf(rival), pick);
}

function aims(measured: readonly Measured[]): string[] {
  return [
    judge(
      'at N = 10 at least 2 times the requests/s of the bare stack',
      ratiosTo(measured, 'n10', 'bare', speedOf),
      (ratio) => ratio >= 2,
    ),
    ...(['n1', 'n10', 'n100'] as const).map((load) =>
      judge(
        `at ${TITLES[load]} at most 1.25 times the CPU a request of the trial`,
        ratiosTo(measured, load, 'trial', cpuOf),
        (ratio) => ratio <= 1.25,
      ),
    ),
  ];
}
