import { readFileSync } from 'node:fs';
import type { Cell } from '../load/cell.ts';
import { median } from '../load/median.ts';
import { judge, ratiosOf, renderRatios } from '../load/ratios.ts';
import type { LoadName } from '../load/workload.ts';
import { lockOf, type PythonServer } from './python/start.ts';
import { RIVALS, type Rival } from './section.ts';

/** One line of the table: a stack under a load, one cell a round. */
export interface RivalLine {
  load: LoadName;
  stack: Rival;
  cells: Cell[];
}

const OURS = 'tandem-python';
const SIZES: Partial<Record<LoadName, string>> = { n1: '1', n10: '10', n100: '100' };
const TITLES: Record<Rival, string> = {
  'tandem-python': 'Tandem, predictor in Python',
  'tandem-typescript': 'Tandem, predictor in TypeScript',
  'grpc-aio': 'node:http, grpc.aio predictor',
  fastapi: 'FastAPI',
  kserve: 'KServe',
  mlserver: 'MLServer',
  litserve: 'LitServe',
  bentoml: 'BentoML',
};

/** The least that Tandem is to be, as a multiple of the other's requests/s at N = 10. */
const AIMS: Partial<Record<Rival, number>> = { fastapi: 1.5, kserve: 4, mlserver: 4, litserve: 4, bentoml: 4 };

const speedOf = (cell: Cell): number => cell.requestsPerSecond;
const cpuOf = (cell: Cell): number => cell.cpuUs.total;

/** What each stack is, the table, the ratios and whether the aims are met. */
export function renderRivals(lines: readonly RivalLine[]): string {
  const measured = RIVALS.filter((name) => lines.some(({ stack }) => stack === name));
  const loads = [...new Set(lines.map(({ load }) => load))];
  const others = measured.filter((name) => name !== OURS);
  const comparisons = loads.flatMap((load) =>
    others.map((rival) => {
      const ratios = [speedOf, cpuOf].map((pick) => renderRatios(ratiosTo(lines, load, rival, pick)));
      return `| ${SIZES[load]} | ${TITLES[rival]} | ${ratios.join(' | ')} |`;
    }),
  );
  return `| N | stack | requests/s | p50 ms | p99 ms | CPU µs a request: server | model | both | resident MB |
|---:|---|---:|---:|---:|---:|---:|---:|---:|
${lines.map(renderLine).join('\n')}

## Tandem (Python) against the others

Medians of the rounds' ratios, with the least and the greatest.

| N | against | requests/s ÷ | CPU a request ÷ |
|---:|---|---|---|
${comparisons.join('\n')}

## Aims at N = 10

${Object.entries(AIMS)
  .map(([rival, aim]) =>
    judge(
      `at least ${aim} times the requests/s of ${TITLES[rival as Rival]}`,
      ratiosTo(lines, 'n10', rival as Rival, speedOf),
      (ratio) => ratio >= aim,
    ),
  )
  .join('\n')}`;
}

/** The version of a package as a server's lock pins it. */
export function pinned(server: PythonServer, name: string): string {
  const version = new RegExp(`^${name}==(.+)$`, 'im').exec(readFileSync(lockOf(server), 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${server}.lock pins no ${name}`);
  return version;
}

function renderLine({ load, stack, cells }: RivalLine): string {
  const middle = (pick: (cell: Cell) => number, digits: number): string => median(cells.map(pick)).toFixed(digits);
  return `| ${[
    SIZES[load],
    TITLES[stack],
    middle(speedOf, 0),
    middle(({ p50Ms }) => p50Ms, 2),
    middle(({ p99Ms }) => p99Ms, 2),
    middle(({ cpuUs }) => cpuUs.server, 0),
    middle(({ cpuUs }) => cpuUs.model, 0),
    middle(cpuOf, 0),
    middle(({ residentBytes }) => residentBytes / 2 ** 20, 0),
  ].join(' | ')} |`;
}

function ratiosTo(lines: readonly RivalLine[], load: LoadName, rival: Rival, pick: (cell: Cell) => number): number[] {
  const cellsOf = (name: Rival): readonly Cell[] =>
    lines.find((line) => line.load === load && line.stack === name)?.cells ?? [];
  return ratiosOf(cellsOf(OURS), cellsOf(rival), pick);
}
