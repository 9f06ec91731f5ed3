import { isDeepStrictEqual } from 'node:util';
import type { Shots } from './wrk.ts';

export const LOADS = ['n1', 'n10', 'n100', 'boards'] as const;
export type LoadName = (typeof LOADS)[number];

/** A fallback that a deadline brought, while V8 is cold or the machine busy, is no wrong answer: it is asked again. */
const ATTEMPTS = 5;

/** Bodies of one kind, and what a right answer to each is. */
export interface CheckedShots extends Shots {
  name: string;
  /** Those whose answers are verified; the file may hold more. */
  bodies: readonly string[];
  /** Throws, with what is wrong, when `answer` is not right for the body at `index`. */
  check(answer: unknown, index: number): void;
}

/** A load of the bench's own table. */
export interface Workload extends CheckedShots {
  name: LoadName;
}

/** Sends every body once and checks every answer; an echo must give the body back. */
export async function verifyAnswers(name: string, url: string, workload: CheckedShots): Promise<void> {
  const indexes = workload.bodies.keys();
  const verify = async (): Promise<void> => {
    for (const index of indexes) {
      const body = workload.bodies[index];
      const answer = await ask(name, url, body);
      if (name !== 'echo') checkAnswer(name, workload, answer, index);
      else if (!isDeepStrictEqual(answer, JSON.parse(body))) throw new Error(`echo changed body ${index}`);
    }
  };
  // The workers share one iterator, so each body is sent once while requests overlap as they do under load.
  await Promise.all(Array.from({ length: workload.connections }, verify));
}

function checkAnswer(name: string, workload: CheckedShots, answer: unknown, index: number): void {
  try {
    workload.check(answer, index);
  } catch (cause) {
    throw new Error(`${name} answered ${workload.name} wrongly: ${String(cause)}`, { cause });
  }
}

async function ask(name: string, url: string, body: string): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${name} answered ${response.status}: ${text.slice(0, 500)}`);
    const answer = JSON.parse(text) as { fallback?: string };
    if (answer.fallback !== 'DEADLINE_EXCEEDED' || attempt === ATTEMPTS) return answer;
  }
}

/** The `predictions` of a V1 answer, which must be `rows` finite numbers and nothing degraded or failed beside them. */
export function predictionsOf(answer: unknown, rows: number): number[] {
  const { predictions, fallback, errors } = answer as Record<string, unknown>;
  if (fallback !== undefined || errors !== undefined)
    throw new Error(`not a model's answer: ${JSON.stringify(answer)}`);
  if (!Array.isArray(predictions) || predictions.length !== rows || !predictions.every(Number.isFinite)) {
    throw new Error(`not ${rows} numbers: ${JSON.stringify(answer).slice(0, 500)}`);
  }
  return predictions as number[];
}
