import { open, type FileHandle } from 'node:fs/promises';
import { unwritableFile } from '../unreadable-file.ts';
import type { BadRow } from './bad-rows.ts';
import type { Reached } from './checkpoint.ts';

/** The file of rows that were not written: a JSON object a line, so that nothing is lost. */
export class Rejects {
  readonly #handle: FileHandle;
  #bytes: number;

  private constructor(handle: FileHandle, bytes: number) {
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Empties the file, but for what an earlier run is known to have written. Throws INVALID_INPUT where it cannot be written. */
  static async open(file: string, reached?: Pick<Reached, 'rejectsBytes'>): Promise<Rejects> {
    const keptBytes = reached?.rejectsBytes ?? 0;
    try {
      const handle = await open(file, keptBytes === 0 ? 'w' : 'r+');
      await handle.truncate(keptBytes);
      return new Rejects(handle, keptBytes);
    } catch (cause) {
      throw unwritableFile(file, cause);
    }
  }

  /** Length of the file so far. */
  get bytes(): number {
    return this.#bytes;
  }

  async add(rows: readonly BadRow[]): Promise<void> {
    if (rows.length === 0) return;
    const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await this.#handle.write(bytes, 0, bytes.length, this.#bytes);
    this.#bytes += bytes.length;
  }

  /** Resolves when all of it is on the disk. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
