import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A file that is open for reading parts of it: a model may have gigabytes, and says what it is fed in a few KB. */
export interface FileParts {
  /** Bytes. */
  size: number;
  /** The bytes from `start` to before `end`; fewer where the file ends before. */
  read(start: number, end: number): Buffer;
}

/** What `use` makes of a file, which is closed behind it. Throws what the system says where it cannot be read. */
export function readParts<T>(path: string, use: (file: FileParts) => T): T {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    return use({
      size,
      read(start, end) {
        const bytes = Buffer.alloc(Math.max(0, Math.min(end, size) - start));
        return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
      },
    });
  } finally {
    closeSync(file);
  }
}
