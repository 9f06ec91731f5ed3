import { isDeepStrictEqual } from 'node:util';
import type { Expected } from './expected.ts';
import { byViewAndStatus, type DegradedView } from './flights.ts';

/** What an answer is: a true one, the declared fallback, an error that says what it is, or wrong. */
export type Verdict =
  | { kind: 'true' }
  | { kind: 'fallback'; code: string }
  | { kind: 'error'; code: string }
  | { kind: 'wrong'; reason: string };

const TOLERANCE = 1e-6;
const FALLBACK = { value: 0.2, codes: ['WRAPPER_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'OVERLOADED'] };
/** Codes of errors that a caller may meet while the model is away. INTERNAL is none: it says that nobody knew. */
const CLEAR = new Set(['WRAPPER_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'OVERLOADED', 'PREDICTOR_FAILED', 'NOT_READY']);

/** Compares one HTTP answer of `:predict` with what it must be. */
export function judge(status: number, body: string, expected: Expected): Verdict {
  const answer = parseObject(body);
  if (answer === undefined) return wrong(`status ${status}, a body that is no JSON object`);
  if (status !== 200) return judgeError(status, answer);
  const { predictions, fallback, ...remarks } = answer;
  const problem = judgeRemarks(remarks, expected, fallback !== undefined);
  if (problem !== undefined) return problem;
  if (fallback === undefined) return judgePredictions(predictions, expected.predictions) ?? { kind: 'true' };
  const code = FALLBACK.codes.find((each) => each === fallback);
  if (code === undefined) return wrong(`fallback ${JSON.stringify(fallback)}`);
  const stood = expected.predictions.map((value) => (value === null ? null : FALLBACK.value));
  return judgePredictions(predictions, stood) ?? { kind: 'fallback', code };
}

function judgeRemarks(answer: Record<string, unknown>, expected: Expected, isFallback: boolean): Verdict | undefined {
  const { ids, degraded = [], errors = [], ...rest } = answer;
  if (Object.keys(rest).length > 0) return wrong(`unexpected ${Object.keys(rest).join(', ')}`);
  if (!isDeepStrictEqual(ids, expected.ids)) return wrong(`ids ${JSON.stringify(ids)?.slice(0, 200)}`);
  const told = (degraded as DegradedView[]).toSorted(byViewAndStatus);
  // A call that fails before its features are gathered has no views to tell of.
  const isUngathered = isFallback && told.length === 0;
  if (!isUngathered && !isDeepStrictEqual(told, expected.degraded)) {
    return wrong(`degraded ${JSON.stringify(told)} where ${JSON.stringify(expected.degraded)} was expected`);
  }
  const failed = (errors as { instance: number; code: string }[]).map(({ instance, code }) => `${instance} ${code}`);
  const bad = expected.predictions.flatMap((value, row) => (value === null ? [`${row} INVALID_INPUT`] : []));
  return isDeepStrictEqual(failed, bad) ? undefined : wrong(`errors ${JSON.stringify(failed)}`);
}

function judgePredictions(given: unknown, expected: readonly (number | null)[]): Verdict | undefined {
  if (!Array.isArray(given) || given.length !== expected.length) return wrong('not a prediction an instance');
  const values: readonly unknown[] = given;
  const at = expected.findIndex((want, row) => {
    const got = values[row];
    return want === null || typeof got !== 'number' ? got !== want : !(Math.abs(got - want) <= TOLERANCE);
  });
  return at === -1 ? undefined : wrong(`row ${at} is ${String(values[at])} where ${expected[at]} was expected`);
}

function judgeError(status: number, { code, error, retryable }: Record<string, unknown>): Verdict {
  const isClear = typeof code === 'string' && CLEAR.has(code) && typeof error === 'string' && retryable !== undefined;
  return isClear ? { kind: 'error', code } : wrong(`status ${status}, code ${String(code)}: ${String(error)}`);
}

/** The JSON object that a body is; undefined where it is none. */
export function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function wrong(reason: string): Verdict {
  return { kind: 'wrong', reason };
}
