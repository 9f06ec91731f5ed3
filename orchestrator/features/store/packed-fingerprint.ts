import { crc32 } from 'node:zlib';
import { AppError } from '../../../foundation/errors.ts';
import { FIELDS_AT, fieldBytes } from './packed-layout.ts';

/** What the list of fields of the row that begins at `base` must have as its fingerprint; the memory must hold the whole list. */
export function fingerprintOf(memory: ArrayBufferLike, base: number, count: number): number {
  return crc32(new Uint8Array(memory, base + FIELDS_AT, fieldBytes(count)));
}

/** The ids by which a packed row's fields are found, in the order of the names. Throws INVALID_INPUT where two names share one: neither could be told from the other. */
export function distinctIds(names: readonly string[]): number[] {
  const nameOf = new Map<number, string>();
  return names.map((name) => {
    const id = crc32(name);
    const other = nameOf.get(id);
    if (other !== undefined && other !== name) {
      const problem = `has the same CRC-32 as "${other}": rename one of them, or use another encoding`;
      throw new AppError('INVALID_INPUT', `The field "${name}" ${problem}.`, { details: [{ field: name, problem }] });
    }
    nameOf.set(id, name);
    return id;
  });
}
