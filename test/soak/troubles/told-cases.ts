import { readFile } from 'node:fs/promises';
import type { Reference } from '../../reference/expected.ts';
import type { Board } from '../../reference/flights.ts';
import { expectTold, type ExpectedTold } from '../../reference/judge-told.ts';

const BOARDS = new URL('../../../examples/flights/boards.jsonl', import.meta.url);
/** An answer names no more departures of a view. */
const MOST_NAMED = 100;

/** A board as it is sent, and what its answer may be. */
export interface ToldCase {
  body: string;
  expected: ExpectedTold;
}

/** The 200 boards of the example, in parts of so many departures that each can be judged for itself. */
export async function toldCases(reference: Reference): Promise<ToldCase[]> {
  const lines = (await readFile(BOARDS, 'utf8')).trimEnd().split('\n');
  const cases: ToldCase[] = [];
  for (const { request, instances } of lines.map((line) => JSON.parse(line) as Board)) {
    for (let from = 0; from < instances.length; from += MOST_NAMED) {
      const part = { request, instances: instances.slice(from, from + MOST_NAMED) };
      const body = JSON.stringify({ ...part, parameters: { degraded: 'full' } });
      cases.push({ body, expected: await expectTold(reference, part) });
    }
  }
  return cases;
}

/** In turn, so that each is asked for as often as any other. */
export function* inTurn(cases: readonly ToldCase[]): Generator<ToldCase, never> {
  for (;;) yield* cases;
}
