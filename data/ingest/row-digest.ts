import { createHash } from 'node:crypto';
import { AppError } from '../../foundation/errors.ts';
import type { Chunk } from '../rows.ts';
import { skipChunk } from '../rows.ts';

/** A digest of all rows so far: of what has no size and no date, it tells whether it gives the same rows again. */
export class RowDigest {
  readonly #hash = createHash('sha256');

  take({ cells }: Chunk, from: number, to: number): void {
    for (let row = from; row < to; row++) this.#hash.update(JSON.stringify(cells.map((column) => column[row])));
  }

  get value(): string {
    return this.#hash.copy().digest('hex');
  }
}

/**
 * The chunks behind the first `from` rows, which go through the digest. Throws INVALID_INPUT where they are not those of
 * which `expected` is the digest.
 */
export async function* behindTheSame(
  chunks: AsyncIterable<Chunk>,
  digest: RowDigest,
  from: number,
  expected: string,
): AsyncGenerator<Chunk> {
  let left = from;
  for await (const chunk of chunks) {
    const skipped = Math.min(left, chunk.rows);
    digest.take(chunk, 0, skipped);
    left -= skipped;
    if (skipped > 0 && left === 0 && digest.value !== expected) throw otherRows();
    if (skipped < chunk.rows) yield skipChunk(chunk, skipped);
  }
  if (left > 0) throw otherRows();
}

function otherRows(): AppError {
  const message =
    'The SQL gives other rows than before its checkpoint: have it give them in one order (ORDER BY), or remove the checkpoint to begin anew.';
  return new AppError('INVALID_INPUT', message);
}
