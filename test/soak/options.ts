import { parseArgs } from 'node:util';

/** What can be run by itself; `answers`, `kills` and `stop` share one running example. */
export const PARTS = ['answers', 'kills', 'stop', 'reloads', 'services'] as const;
export type Part = (typeof PARTS)[number];

const HELP = `npm run soak -- [--answers 200000] [--boards 5000] [--kills 10] [--reloads 50] [--seed 1] [--only PART]...
  PART is one of ${PARTS.join(', ')}; default all of them.
  Fewer of any of them prints the results and leaves results.md as it is.`;

export interface Options {
  /** Answers to requests of 1 to 20 departures. */
  answers: number;
  boards: number;
  kills: number;
  reloads: number;
  seed: number;
  parts: ReadonlySet<Part>;
  /** Nothing was made smaller, so that the results may be kept. */
  isWhole: boolean;
}

/** The command line's options; prints the help and exits 2 on wrong usage. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      answers: { type: 'string', default: '200000' },
      boards: { type: 'string', default: '5000' },
      kills: { type: 'string', default: '10' },
      reloads: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [...PARTS] },
      help: { type: 'boolean', default: false },
    },
  });
  const numbers = [values.answers, values.boards, values.kills, values.reloads, values.seed].map(Number);
  const [answers, boards, kills, reloads, seed] = numbers;
  const parts = new Set(PARTS.filter((part) => values.only.includes(part)));
  const isRight =
    numbers.every((value) => Number.isSafeInteger(value) && value >= 0) && parts.size === new Set(values.only).size;
  if (values.help || !isRight) {
    console.log(HELP);
    process.exit(isRight ? 0 : 2);
  }
  const isWhole = parts.size === PARTS.length && answers >= 200_000 && boards >= 5000 && kills >= 10 && reloads >= 50;
  return { answers, boards, kills, reloads, seed, parts, isWhole };
}
