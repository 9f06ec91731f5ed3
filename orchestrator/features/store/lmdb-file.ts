import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../foundation/errors.ts';

/** Where a meta page says what it is, and that the file's version is 2 (`MDB_meta` behind lmdb-js's page header). */
const MAGIC_AT = 24;
const MAGIC = 0xbeefc0de;
const VERSION = 2;
/** Of the first meta page: how large pages are, so where the second one begins. */
const PAGE_SIZE_AT = 48;
const HEADER_BYTES = 64;

/**
 * Throws AppError NOT_READY where the folder's `data.mdb` holds anything else than LMDB does: lmdb-js maps it all the
 * same, and the process ends by a signal (3.5.6: a copy that broke off, zeros after a crash of the machine). A file that
 * is not there, or empty, becomes a new one.
 */
export function refuseOtherFile(path: string): void {
  const file = openIfThere(join(path, 'data.mdb'));
  if (file === undefined) return;
  try {
    const first = readAt(file, 0);
    if (first.length === 0) return;
    if (isMeta(first) && isMeta(readAt(file, first.readUInt32LE(PAGE_SIZE_AT)))) return;
  } finally {
    closeSync(file);
  }
  const mend = 'restore it, or remove it and ingest its tables anew';
  throw new AppError('NOT_READY', `The data.mdb of an lmdb store is no LMDB file, or not a whole one: ${mend}.`);
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

function readAt(file: number, position: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  return bytes.subarray(0, readSync(file, bytes, 0, HEADER_BYTES, position));
}

function isMeta(page: Buffer): boolean {
  return (
    page.length === HEADER_BYTES && page.readUInt32LE(MAGIC_AT) === MAGIC && page.readUInt32LE(MAGIC_AT + 4) === VERSION
  );
}
