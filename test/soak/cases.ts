import { readFile } from 'node:fs/promises';
import type { Expected, Reference } from '../reference/expected.ts';
import type { Board } from '../reference/flights.ts';
import { seededRandom, type Random } from './random.ts';
import { makeRequests } from './requests.ts';

/** A request body with the answer that it must get. */
export interface Case {
  body: string;
  expected: Expected;
}

export interface Cases {
  /** Requests of 1 to 20 departures. */
  small: Case[];
  boards: Case[];
}

const BOARDS = new URL('../../examples/flights/boards.jsonl', import.meta.url);
/** Distinct small requests: enough that neighbours in time are never the same one, few enough to work out beforehand. */
const SMALL = 20_000;

/** The requests of a soak, each worked out by the reference before the first is sent. */
export async function makeCases(reference: Reference, seed: number, answers: number): Promise<Cases> {
  const boards = (await readFile(BOARDS, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Board);
  const requests = makeRequests(boards, Math.min(SMALL, answers), seededRandom(seed));
  const work = async (board: Board): Promise<Case> => ({
    body: JSON.stringify(board),
    expected: await reference.expect(board),
  });
  const cases: Cases = { small: [], boards: [] };
  for (const request of requests) cases.small.push(await work(request));
  for (const board of boards) cases.boards.push(await work(board));
  return cases;
}

/** An endless draw of small requests. */
export function* drawSmall({ small }: Cases, random: Random): Generator<Case> {
  for (;;) yield random.pick(small);
}

/** Cases of `size` departures each, for the runs that ask with a fixed size. */
export function casesOfSize({ small }: Cases, size: number): Case[] {
  return small.filter(({ expected }) => expected.ids.length === size);
}

/** Exactly `answers` small requests and `boards` whole boards, mixed as they come. */
export function* drawMixed(cases: Cases, answers: number, boards: number, random: Random): Generator<Case> {
  let [small, whole] = [answers, boards];
  while (small + whole > 0) {
    const isBoard = random.below(small + whole) < whole;
    if (isBoard) whole -= 1;
    else small -= 1;
    yield random.pick(isBoard ? cases.boards : cases.small);
  }
}
