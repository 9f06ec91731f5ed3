import { AppError } from '../../foundation/errors.ts';
import { readJsonLines } from '../jsonl-reader.ts';
import type { BatchCall, BatchInput } from './batch-call.ts';

type Body = Readonly<Record<string, unknown>>;

/** True where the first line of a JSONL file is a V1 body: it has `instances`, or columnar `inputs`. */
export async function holdsBodies(file: string): Promise<boolean> {
  for await (const { object } of readJsonLines(file)) return object !== undefined && isBody(object);
  return false;
}

/** A JSONL file of V1 bodies, one call a line. */
export function openBodies(file: string): BatchInput {
  return { unit: 'line', totalRows: undefined, passing: [], calls: () => callsOf(file), close() {} };
}

async function* callsOf(file: string): AsyncGenerator<BatchCall> {
  for await (const { line, object } of readJsonLines(file)) {
    if (!object || !isBody(object)) {
      throw new AppError(
        'INVALID_INPUT',
        `${file} line ${line} is not a V1 body with "instances", as its first line is.`,
      );
    }
    yield bodyCall(object, line, file);
  }
}

function isBody(object: Body): boolean {
  return Array.isArray(object['instances']) || isRecord(object['inputs']);
}

function bodyCall(body: Body, line: number, file: string): BatchCall {
  const { instances, inputs, request = {} } = body;
  if (!isRecord(request)) throw new AppError('INVALID_INPUT', `${file} line ${line}: "request" must be an object.`);
  const common = { request, passed: [], from: 0, place: () => line };
  if (Array.isArray(instances)) return { ...common, instances: { objects: instances }, rows: instances.length };
  const columns = inputs as Body;
  const [first] = Object.values(columns);
  const rows = Array.isArray(first) ? first.length : 0;
  return { ...common, instances: { rows, columns }, rows };
}

function isRecord(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
