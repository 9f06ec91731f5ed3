import { newNumbers, newSingles } from '../../foundation/slab.ts';
import type { Output } from '../answer.ts';
import type { PredictOutput } from '../predictor.ts';
import { LiveRequest, type ColumnData } from '../request.ts';

/** One request with the rows of several, in their order; they have the same features and parameters. */
export function joinRequests(requests: readonly LiveRequest[]): LiveRequest {
  const [{ features, parametersText, inputs }] = requests;
  const rows = requests.reduce((sum, request) => sum + request.rows, 0);
  const columns = inputs.columns.map((_, at) => joinColumns(requests.map((request) => request.inputs.columns[at])));
  const matrix = inputs.matrix && joinNumbers(requests.map((request) => request.matrix));
  return new LiveRequest(features, rows, { matrix, columns }, parametersText);
}

/** The rows of one request within the outputs of all, as `predict` would have answered it. */
export function cutOutputs(outputs: readonly Output[], first: number, rows: number): Record<string, PredictOutput> {
  return Object.fromEntries(
    outputs.map(({ name, shape, data }) => {
      const width = data.length / shape[0];
      const [start, end] = [first * width, (first + rows) * width];
      if (Array.isArray(data)) return [name, data.slice(start, end)];
      return [name, { shape: [rows, ...shape.slice(1)], data: data.subarray(start, end) }];
    }),
  );
}

function joinColumns(columns: readonly ColumnData[]): ColumnData {
  if (columns.every((column) => Array.isArray(column))) return columns.flat();
  if (columns.every((column) => column instanceof BigInt64Array)) {
    return BigInt64Array.from(columns.flatMap((column) => [...column]));
  }
  return joinNumbers(columns as readonly (Float64Array | Float32Array)[]);
}

function joinNumbers(parts: readonly (Float64Array | Float32Array)[]): Float64Array | Float32Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = parts[0] instanceof Float32Array ? newSingles(length) : newNumbers(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
