import { AppError } from '../foundation/errors.ts';
import { newNumbers } from '../foundation/slab.ts';

/** One output: numbers of `shape` row-major, or a string a row. The memory is its own, never the predictor's. */
export interface Output {
  name: string;
  shape: readonly number[];
  data: Float64Array | string[];
}

/** The name of an output that the predictor returned without one. */
const DEFAULT_OUTPUT = 'predictions';

/**
 * What `predict` returned, as outputs of `rows` rows. Every number is finite, every length fits.
 * @throws AppError PREDICTOR_INVALID_OUTPUT with a sentence that says what came back and what is wanted.
 */
export function checkAnswer(answer: unknown, rows: number): Output[] {
  if (isNumbers(answer) || Array.isArray(answer) || isBlock(answer)) return [readOutput(DEFAULT_OUTPUT, answer, rows)];
  if (answer === null || typeof answer !== 'object' || ArrayBuffer.isView(answer)) {
    throw invalid(`\`predict\` returned ${describe(answer)}; it returns one number or string a row`);
  }
  const entries = Object.entries(answer);
  if (entries.length === 0) throw invalid('`predict` returned an object without outputs');
  return entries.map(([name, value]) => readOutput(name, value, rows));
}

function readOutput(name: string, value: unknown, rows: number): Output {
  const what = name === DEFAULT_OUTPUT ? '`predict`' : `Output "${name}" of \`predict\``;
  if (name === '' || name.startsWith('tandem.')) {
    throw invalid(`"${name}" is no name for an output: it is not empty and does not begin with "tandem."`);
  }
  if (isBlock(value)) return readBlock(name, what, value, rows);
  if (!isNumbers(value) && !Array.isArray(value)) {
    throw invalid(`${what} returned ${describe(value)}; it returns one number or string a row`);
  }
  const values: ArrayLike<unknown> = value;
  if (values.length !== rows) {
    throw invalid(`${what} returned ${count(values.length, 'value')} for ${count(rows, 'row')}`);
  }
  return {
    name,
    shape: [rows],
    data: typeof values[0] === 'string' ? readStrings(what, values) : readNumbers(what, values, 1),
  };
}

function readBlock(name: string, what: string, block: Block, rows: number): Output {
  const { shape, data } = block;
  if (!shape.every((size) => Number.isInteger(size) && Number(size) >= 0)) {
    throw invalid(`${what} returned a shape that is not a list of whole numbers`);
  }
  const sizes = shape as readonly number[];
  if (sizes[0] !== rows) {
    throw invalid(
      `${what} returned shape [${sizes.join(', ')}] for ${count(rows, 'row')}; the first number is the rows`,
    );
  }
  if (!isNumbers(data) && !Array.isArray(data)) {
    throw invalid(`${what} returned ${describe(data)} as \`data\`; it is a Float64Array, Float32Array or number[]`);
  }
  const values: ArrayLike<unknown> = data;
  const wanted = sizes.reduce((product, size) => product * size, 1);
  if (values.length !== wanted) {
    throw invalid(
      `${what} returned ${count(values.length, 'value')} for shape [${sizes.join(', ')}], which holds ${wanted}`,
    );
  }
  return { name, shape: [...sizes], data: readNumbers(what, values, rows === 0 ? 1 : wanted / rows) };
}

/** All finite numbers. Copied at once: a predictor may fill the same array again for the next part. */
function readNumbers(what: string, values: ArrayLike<unknown>, width: number): Float64Array {
  const numbers = newNumbers(values.length);
  for (let index = 0; index < numbers.length; index += 1) {
    const value = values[index];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw notANumber(what, value, Math.floor(index / width));
    numbers[index] = value;
  }
  return numbers;
}

function notANumber(what: string, value: unknown, row: number): AppError {
  if (typeof value === 'number') return invalid(`${what} returned ${value} for row ${row}; every number is finite`);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return invalid(
      `${what} returned an array for row ${row}; several numbers a row are { shape: [rows, width], data }`,
    );
  }
  return invalid(`${what} returned ${describe(value)} for row ${row} among numbers`);
}

function readStrings(what: string, values: ArrayLike<unknown>): string[] {
  return Array.from(values, (value, row) => {
    if (typeof value === 'string') return value;
    throw invalid(`${what} returned ${describe(value)} for row ${row} among strings`);
  });
}

interface Block {
  shape: readonly unknown[];
  data: unknown;
}

function isBlock(value: unknown): value is Block {
  return (
    typeof value === 'object' && value !== null && 'data' in value && 'shape' in value && Array.isArray(value.shape)
  );
}

function isNumbers(value: unknown): value is Float64Array | Float32Array {
  return value instanceof Float64Array || value instanceof Float32Array;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') {
    const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
    if (value instanceof Promise) return 'a Promise; await it';
    return typeof name === 'string' && name !== '' && name !== 'Object' ? `an instance of ${name}` : 'an object';
  }
  return `a ${typeof value}`;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function invalid(problem: string): AppError {
  return new AppError('PREDICTOR_INVALID_OUTPUT', `${problem}.`);
}
