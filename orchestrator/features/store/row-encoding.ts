import { AppError } from '../../../foundation/errors.ts';
import type { RowBlock } from '../row-block.ts';
import type { FieldSpec, Row } from '../source.ts';

/** Reads what a store holds of a row into row `row` of the block. Throws nothing, whatever it is given. */
export type DecodeRow<Stored> = (stored: Stored, block: RowBlock, row: number) => void;

/** As `DecodeRow`, of bytes from `start` (default 0) to `end` (default their length) only. */
export type DecodeBytes = (bytes: Buffer, block: RowBlock, row: number, start?: number, end?: number) => void;

/** How rows look as values of a store. One encoding serves any store that takes texts or bytes. */
interface Encoding<Stored> {
  /** For the views of one set of fields; the block has their columns, in their order. Compile once, decode often. */
  decoder(fields: readonly FieldSpec[]): DecodeRow<Stored>;
  /** For the rows of one table. Throws INVALID_INPUT for a row that cannot be written. */
  encoder(table: string): (row: Row) => Stored;
}

export interface TextEncoding extends Encoding<string> {
  form: 'text';
}

/** Bytes given to a decoder may be overwritten once it returns. Their `length` counts, what lies behind it does not. */
export interface BytesEncoding extends Encoding<Buffer> {
  form: 'bytes';
  decoder(fields: readonly FieldSpec[]): DecodeBytes;
}

/** A store asks `form`, and reads the one or the other: a text of bytes, or bytes of a text, would be a copy a row. */
export type RowEncoding = TextEncoding | BytesEncoding;

/** What an encoder throws of a field that it cannot write. */
export function unwritableField(field: string, found: string, problem: string): AppError {
  return new AppError('INVALID_INPUT', `The field "${field}" of a row ${found}.`, { details: [{ field, problem }] });
}

/** A number that no encoding writes: JSON cannot say it, and as a feature it is none. */
export function refuseNotFinite(field: string, value: unknown): void {
  if (typeof value !== 'number' || Number.isFinite(value)) return;
  throw unwritableField(field, 'is not a finite number', 'must be a finite number or null');
}
