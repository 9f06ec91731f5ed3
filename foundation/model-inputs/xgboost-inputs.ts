import { readParts, type FileParts } from './file-parts.ts';
import type { ModelColumn, ModelInputs } from './model-inputs.ts';

/** The names are in the head; before them stand attributes, which are notes of the researcher's. */
const HEAD_BYTES = 64 * 1024;
const MAX_HEAD_BYTES = 64 * 1024 ** 2;
/** Both forms have the keys of an object in the order of the alphabet: this is the first behind the names. */
const BEHIND = 'gradient_booster';

/** Whether a file begins as XGBoost's JSON or UBJSON does. */
export function isXgboost(path: string): boolean {
  const head = readParts(path, (file) => file.read(0, 32).toString('latin1'));
  return /^\{\s*"learner"/.test(head) || head.startsWith('{L\0\0\0\0\0\0\0\u0007learner');
}

/**
 * The inputs that a model of XGBoost names: `feature_names`, and `feature_types`, of which `c` is a category; what its codes
 * stand for is not read. Nothing is said of a model that was trained on a bare array. Throws where the file is damaged.
 */
export function xgboostInputs(path: string): ModelInputs | undefined {
  const learner = readParts(path, readLearner);
  const { feature_names: names, feature_types: types = [] } = learner;
  if (names === undefined || names.length === 0) return undefined;
  const columns = names.map((name, index): ModelColumn => withKind(name, types[index]));
  return { width: columns.length, columns, isByName: false };
}

/** Trees compare floats whatever the type of the column was: `int` and `i` are numbers like `float` and `q`. */
function withKind(name: string, type: string | undefined): ModelColumn {
  return type === undefined ? { name } : { name, kind: type === 'c' ? 'category' : 'number' };
}

interface Learner {
  feature_names?: string[];
  feature_types?: string[];
}

function readLearner(file: FileParts): Learner {
  for (let length = HEAD_BYTES; ; length *= 4) {
    const head = file.read(0, Math.min(length, MAX_HEAD_BYTES));
    const learner = head.toString('latin1', 1, 2) === 'L' ? fromUbjson(head) : fromJson(head.toString('utf8'));
    if (learner !== undefined) return learner;
    if (head.length < length) throw new Error('it ends before it names its inputs');
  }
}

/** Undefined where the text ends too early. An attribute may hold the word, and then what is before it is no JSON. */
function fromJson(text: string): Learner | undefined {
  const key = `,"${BEHIND}"`;
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    try {
      return (JSON.parse(`${text.slice(0, at)}}}`) as { learner: Learner }).learner;
    } catch {
      continue;
    }
  }
  return undefined;
}

/**
 * Strings, objects and counted lists of UBJSON (ubjson.org), as XGBoost writes them: every length is an `L`, an int64.
 * Undefined where the bytes end too early.
 */
function fromUbjson(bytes: Buffer): Learner | undefined {
  let at = 1;
  const take = (length: number): Buffer => {
    if (length < 0) throw new Error('it is damaged');
    at += length;
    if (at > bytes.length) throw new RangeError('too early');
    return bytes.subarray(at - length, at);
  };
  const word = (): string => {
    const length = Number(take(9).readBigInt64BE(1));
    return take(length).toString('utf8');
  };
  const object = (): Record<string, unknown> => {
    const entries: Record<string, unknown> = {};
    while (bytes[at] !== CLOSE) {
      const key = word();
      if (key === BEHIND) return entries;
      entries[key] = value();
    }
    at++;
    return entries;
  };
  const value = (): unknown => {
    const marker = take(1).toString('latin1');
    if (marker === 'S') return word();
    if (marker === '{') return object();
    if (marker !== '[' || take(1).toString('latin1') !== '#') throw new Error('it is damaged');
    const count = Number(take(9).readBigInt64BE(1));
    return Array.from({ length: Math.min(count, bytes.length) }, value);
  };
  try {
    word();
    return value() as Learner;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const CLOSE = '}'.charCodeAt(0);
