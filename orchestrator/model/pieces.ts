import { CallSignal } from '../../foundation/cancel-signal.ts';
import { AppError } from '../../foundation/errors.ts';
import { newNumbers } from '../../foundation/slab.ts';
import { tensorBytes } from './call-size.ts';
import type { InferCall, InferResult, OutputTensor, Tensor } from './client.ts';

/** What one piece of a large call holds: between two of them the calls of others get their turn. */
const PIECE_BYTES = 256 * 1024;

/** Sends one call, or one piece of it. */
type Infer = (tensors: readonly Tensor[], call: InferCall) => Promise<InferResult>;

/** The rows of each piece of a call that is split; undefined where it goes whole. */
export function rowsOfPieces(tensors: readonly Tensor[], rows: number): number | undefined {
  const bytes = tensorBytes(tensors);
  if (bytes <= PIECE_BYTES || rows < 2) return undefined;
  return Math.ceil(rows / Math.ceil(bytes / PIECE_BYTES));
}

/**
 * One call as several of `rowsEach` rows, `inFlight` of them at once, and their answers as one. Rejects as the first
 * piece that fails, when no other is left in flight; PREDICTOR_INVALID_OUTPUT where they differ in more than their rows.
 */
export async function inferPieces(
  infer: Infer,
  tensors: readonly Tensor[],
  call: InferCall,
  { rowsEach, inFlight }: { rowsEach: number; inFlight: number },
): Promise<InferResult> {
  const signal = new CallSignal();
  const abort = (): void => signal.abort();
  if (call.signal?.aborted) abort();
  call.signal?.addEventListener('abort', abort);
  const results: InferResult[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < call.rows) {
      const first = next;
      const rows = Math.min(rowsEach, call.rows - first);
      next += rows;
      results[first / rowsEach] = await infer(cutRows(tensors, first, rows), { ...call, rows, signal });
    }
  };
  const workers = Array.from({ length: inFlight }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    next = call.rows;
    abort();
    await Promise.allSettled(workers);
    throw error;
  } finally {
    call.signal?.removeEventListener('abort', abort);
  }
  return { outputs: joinRows(results, call.rows), modelVersion: results[0].modelVersion };
}

function cutRows(tensors: readonly Tensor[], first: number, rows: number): Tensor[] {
  return tensors.map(({ name, datatype, shape, data }) => {
    const width = data.length / shape[0];
    const [start, end] = [first * width, (first + rows) * width];
    const own = Array.isArray(data) ? data.slice(start, end) : data.subarray(start, end);
    return { name, datatype, shape: [rows, ...shape.slice(1)], data: own };
  });
}

function joinRows(results: readonly InferResult[], rows: number): OutputTensor[] {
  const [{ outputs, modelVersion }] = results;
  const isAlike = results.every(
    (result) =>
      result.modelVersion === modelVersion &&
      result.outputs.length === outputs.length &&
      result.outputs.every((output, at) => describe(output) === describe(outputs[at])),
  );
  if (!isAlike) {
    const problem = 'The model answered the rows of one call with outputs that differ in more than their rows.';
    throw new AppError('PREDICTOR_INVALID_OUTPUT', problem);
  }
  return outputs.map(({ name, shape }, at) => {
    const pieces = results.map((result) => result.outputs[at].data);
    return { name, shape: [rows, ...shape.slice(1)], data: joinData(pieces) };
  });
}

const describe = ({ name, shape, data }: OutputTensor): string =>
  JSON.stringify([name, shape.slice(1), Array.isArray(data)]);

function joinData(pieces: readonly OutputTensor['data'][]): OutputTensor['data'] {
  if (pieces.every((piece) => Array.isArray(piece))) return pieces.flat();
  const numbers = newNumbers(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces as readonly Float64Array[]) {
    numbers.set(piece, at);
    at += piece.length;
  }
  return numbers;
}
