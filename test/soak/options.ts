import { parseArgs } from 'node:util';

/** What can be run by itself; `answers`, `kills` and `stop` share one running example. */
export const PARTS = ['answers', 'kills', 'stop', 'reloads', 'services', 'stores', 'wrapper'] as const;
export type Part = (typeof PARTS)[number];

const HELP = `npm run soak -- [--answers 200000] [--boards 5000] [--kills 10] [--reloads 50] [--seconds 30] [--harms 10] [--seed 1] [--only PART]...
  PART is one of ${PARTS.join(', ')}; default all of them.
  --seconds is for how long a store stands still, and is full.
  --harms is how often a process that hosts a predictor is harmed in each way.
  stores.md has the results of stores, wrapper.md those of wrapper, results.md those of all others. Fewer of any of them
  prints the results and leaves the file as it is.`;

export interface Options {
  /** Answers to requests of 1 to 20 departures. */
  answers: number;
  boards: number;
  kills: number;
  reloads: number;
  /** For which a store stands still, and is full. */
  seconds: number;
  /** How often a process that hosts a predictor is harmed in each way. */
  harms: number;
  seed: number;
  parts: ReadonlySet<Part>;
  /** Nothing was made smaller of what stores.md has; of what wrapper.md has; of all else. So the results may be kept. */
  isWhole: { stores: boolean; wrapper: boolean; others: boolean };
}

/** The command line's options; prints the help and exits 2 on wrong usage. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      answers: { type: 'string', default: '200000' },
      boards: { type: 'string', default: '5000' },
      kills: { type: 'string', default: '10' },
      reloads: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '30' },
      harms: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [...PARTS] },
      help: { type: 'boolean', default: false },
    },
  });
  const texts = [
    values.answers,
    values.boards,
    values.kills,
    values.reloads,
    values.seconds,
    values.harms,
    values.seed,
  ];
  const numbers = texts.map(Number);
  const [answers, boards, kills, reloads, seconds, harms, seed] = numbers;
  const parts = new Set(PARTS.filter((part) => values.only.includes(part)));
  const isRight =
    numbers.every((value) => Number.isSafeInteger(value) && value >= 0) && parts.size === new Set(values.only).size;
  if (values.help || !isRight) {
    console.log(HELP);
    process.exit(isRight ? 0 : 2);
  }
  const others = PARTS.every((part) => part === 'stores' || part === 'wrapper' || parts.has(part));
  const isWhole = {
    stores: parts.has('stores') && seconds >= 30,
    wrapper: parts.has('wrapper') && harms >= 10,
    others: others && answers >= 200_000 && boards >= 5000 && kills >= 10 && reloads >= 50,
  };
  return { answers, boards, kills, reloads, seconds, harms, seed, parts, isWhole };
}
