import { parseArgs } from 'node:util';
import { STACKS, type StackName } from './load/stack.ts';
import { LOADS, type LoadName } from './load/workload.ts';

/** Benches in files of their own (`node bench/caches.ts`), each with results of its own. */
const PARTS = ['caches', 'wide', 'latency', 'coalescing', 'memory', 'stores', 'ten-million', 'python'] as const;
/** Those that run only when they are named: what they install is large. */
const NAMED_PARTS = ['rivals'] as const;
const ALL_PARTS = [...PARTS, ...NAMED_PARTS];
type Part = (typeof ALL_PARTS)[number];

const HELP = `npm run bench -- [--seconds 5] [--rounds 3] [--only LIST]
npm run bench -- PART [the part's own options]
  --only   measures only these of ${[...STACKS, ...LOADS].join(', ')}; prints the table and
           leaves results.md as it is. Example: --only bare,tandem,n10
           ${PARTS.join(', ')} run by themselves, each of some two minutes, and write their own results.
           Example: --only caches,latency
  PART     one of these, or ${NAMED_PARTS.join(', ')}, which is left out of a whole run for what it installs.
           Example: npm run bench -- rivals --only tandem-python,fastapi`;

export interface Options {
  /** Length of one cell, after its warm-up. */
  seconds: number;
  rounds: number;
  stacks: readonly StackName[];
  loads: readonly LoadName[];
  parts: readonly Part[];
  /** Nothing was left out, so that the results may be kept. */
  isWhole: boolean;
}

export function isPart(name: string | undefined): name is Part {
  return ALL_PARTS.some((part) => part === name);
}

/** The command line's options; prints the help and exits 2 on wrong usage. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = new Set(values.only.split(',').filter((name) => name !== ''));
  const stacks = STACKS.filter((name) => only.has(name));
  const loads = LOADS.filter((name) => only.has(name));
  const parts = ALL_PARTS.filter((name) => only.has(name));
  const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
  const isRight =
    stacks.length + loads.length + parts.length === only.size &&
    [seconds, rounds].every((n) => Number.isInteger(n) && n > 0);
  if (values.help || !isRight) {
    console.log(HELP);
    process.exit(isRight ? 0 : 2);
  }
  return {
    seconds,
    rounds,
    stacks: stacks.length > 0 ? stacks : STACKS,
    // Parts alone are no reason to measure the tables.
    loads: loads.length > 0 || (parts.length > 0 && stacks.length === 0) ? loads : LOADS,
    parts: only.size === 0 ? PARTS : parts,
    isWhole: only.size === 0,
  };
}
