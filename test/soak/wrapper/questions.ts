import { parseObject } from '../../reference/judge.ts';
import type { Reply } from '../post.ts';
import type { Random } from '../random.ts';
import { FALLBACK } from './project.ts';

/** Rows of the store. */
export const IDS = 500;
const INSTANCES = 5;
/** Codes that a caller may meet while a model is away; PREDICTOR_FAILED is for who asked for what the predictor cannot do. */
const CLEAR = new Set(['WRAPPER_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'OVERLOADED', 'NOT_READY', 'PREDICTOR_FAILED']);

/** A request, and the values that its answer must have: no two requests have the same. */
export interface Question {
  body: string;
  values: number[];
}

export type Verdict =
  /** `process`: which one computed it. */
  { kind: 'right'; process: number } | { kind: 'fallback' | 'error'; code: string } | { kind: 'wrong'; reason: string };

/** What the store has for an id. */
export function baseOf(id: number): number {
  return id * 7 + 3;
}

/** `harm` names what the predictor shall do instead of answering. Default: nothing, it answers. */
export function questionOf(random: Random, harm?: string): Question {
  const offset = random.below(2 ** 22);
  const instances = Array.from({ length: INSTANCES }, () => ({ id: random.below(IDS), x: random.below(2 ** 22) }));
  const parameters = harm === undefined ? {} : { parameters: { do: harm } };
  return {
    body: JSON.stringify({ request: { offset }, instances, ...parameters }),
    values: instances.map(({ id, x }) => baseOf(id) * 2 ** 24 + 2 * x + offset),
  };
}

export function judge({ status, body }: Reply, { values }: Question): Verdict {
  const answer = parseObject(body);
  if (answer === undefined) return wrong(`status ${status}: ${body.slice(0, 200)}`);
  const { predictions, fallback, code, error, ...rest } = answer;
  if (status !== 200) {
    const isClear = typeof code === 'string' && CLEAR.has(code) && typeof error === 'string';
    return isClear ? { kind: 'error', code } : wrong(`status ${status}: ${body.slice(0, 200)}`);
  }
  if (Object.keys(rest).length > 0) return wrong(`unexpected ${body.slice(0, 200)}`);
  const rows = predictions as { value: number; process: number }[];
  if (rows.length !== values.length) return wrong(`${rows.length} predictions of ${values.length}`);
  if (fallback !== undefined) {
    const isDeclared = rows.every(({ value, process }) => value === FALLBACK && process === FALLBACK);
    return isDeclared && typeof fallback === 'string' && CLEAR.has(fallback)
      ? { kind: 'fallback', code: fallback }
      : wrong(`fallback ${body.slice(0, 200)}`);
  }
  const at = rows.findIndex(({ value }, row) => value !== values[row]);
  if (at !== -1) return wrong(`row ${at} is ${rows[at].value} where ${values[at]} was expected`);
  return { kind: 'right', process: rows[0].process };
}

function wrong(reason: string): Verdict {
  return { kind: 'wrong', reason };
}
