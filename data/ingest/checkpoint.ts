import { readFile, rm } from 'node:fs/promises';
import { AppError } from '../../foundation/errors.ts';
import { parseJsonObject } from '../../foundation/json-object.ts';
import { replaceFile } from '../durable-file.ts';
import { unreadableFile, unwritableFile } from '../unreadable-file.ts';
import type { Position } from './batches.ts';
import type { StoreWrites } from './write-batch.ts';

/** What an ingest is, part by part, as far as its checkpoint must be of the same: `--view`, each file, what is written where. */
export type IngestIdentity = Readonly<Record<string, string>>;

/** How far an ingest is: all before it is durable in every store. */
export interface Reached {
  end: Position;
  rows: number;
  bad: number;
  /** Length of the file of rejects. */
  rejectsBytes: number;
  stores: readonly StoreWrites[];
}

const KIND = 'checkpoint of tandem ingest, format 1';

/** The file that an ingest goes on by after it was ended, at any moment and by whatever. It is gone when the ingest is done. */
export class Checkpoint {
  readonly #file: string;
  readonly #identity: IngestIdentity;
  /** Where an earlier run of the same ingest ended; undefined where there was none. */
  readonly reached: Reached | undefined;

  private constructor(file: string, identity: IngestIdentity, reached: Reached | undefined) {
    this.#file = file;
    this.#identity = identity;
    this.reached = reached;
  }

  /** Throws INVALID_INPUT where the file is that of another ingest, or of something else. */
  static async open(file: string, identity: IngestIdentity): Promise<Checkpoint> {
    const text = await textOf(file);
    if (text === undefined) return new Checkpoint(file, identity, undefined);
    const found = parseJsonObject(text) as { kind: unknown; ingest: IngestIdentity; reached: Reached } | undefined;
    if (found?.kind !== KIND) throw new AppError('INVALID_INPUT', `${file} is no checkpoint of tandem ingest.`);
    const problem = differenceOf(found.ingest, identity);
    if (problem !== undefined) {
      const mend = 'Run the command of the checkpoint again, or remove the file to begin anew';
      throw new AppError('INVALID_INPUT', `${file} is the checkpoint of another ingest: ${problem}. ${mend}.`);
    }
    return new Checkpoint(file, identity, found.reached);
  }

  /** Resolves when the checkpoint is on the disk. */
  async save(reached: Reached): Promise<void> {
    try {
      await replaceFile(this.#file, `${JSON.stringify({ kind: KIND, ingest: this.#identity, reached }, null, 2)}\n`);
    } catch (cause) {
      throw unwritableFile(this.#file, cause);
    }
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadableFile(file, cause);
  }
}

/** The first part that is another. */
function differenceOf(before: IngestIdentity, now: IngestIdentity): string | undefined {
  for (const part of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (before[part] === now[part]) continue;
    return `its ${part} was ${before[part] ?? 'not there'}, and is ${now[part] ?? 'not there'} now`;
  }
  return undefined;
}
