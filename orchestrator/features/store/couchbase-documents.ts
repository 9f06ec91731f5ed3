import type { Cas, Collection, GetReplicaResult, GetResult, Transcoder } from 'couchbase';
import type { CouchbaseLibrary } from './couchbase-library.ts';
import type { CouchbaseWriteOptions } from './couchbase-options.ts';

/** A document's bytes; null where it is of another format, undefined where there is none. */
export type Stored = Buffer | null | undefined;

/** One that was read to be replaced, as long as nobody else does before. */
export interface Versioned {
  stored: Buffer | null;
  cas: Cas;
}

/** What is asked of the server for one key. Rejects with the client's errors, and throws none. */
export type Ask<Reply> = (collection: Collection, timeoutMs: number) => Promise<Reply>;

/** The format in which documents are kept: JSON, as every tool of Couchbase shows it, or bytes. */
export type Format = 'json' | 'binary';

/** The flags of a document, as all clients of Couchbase write them: the upper byte; below it what older ones read. */
const FLAGS: Record<Format, number> = { json: 0x02_00_00_00, binary: 0x03_00_00_02 };
const [PRIVATE, OLD_JSON, OLD_BINARY] = [1, 0, 2];

function formatOf(flags: number): Format | undefined {
  const common = flags >>> 24;
  if (common === FLAGS.json >>> 24) return 'json';
  if (common === FLAGS.binary >>> 24) return 'binary';
  if (common > PRIVATE) return undefined;
  const old = flags & 0xff;
  return old === OLD_JSON ? 'json' : old === OLD_BINARY ? 'binary' : undefined;
}

/** Bytes as they are: the client's own transcoders parse JSON, or reject the whole get for one document. */
function rawTranscoder(format: Format): Transcoder {
  return {
    encode: (bytes: Buffer) => [bytes, FLAGS[format]],
    decode: (bytes: Buffer, flags: number) => (formatOf(flags) === format ? bytes : null),
  };
}

/** The documents of one format, one at a time. */
export class CouchbaseDocuments {
  readonly #library: CouchbaseLibrary;
  readonly #transcoder: Transcoder;

  constructor(library: CouchbaseLibrary, format: Format) {
    this.#library = library;
    this.#transcoder = rawTranscoder(format);
  }

  read(key: string): Ask<Stored> {
    return async (collection, timeout) => this.#found(collection.get(key, { transcoder: this.#transcoder, timeout }));
  }

  /** From whichever of its copies answers first: one that is not the active one may be older. */
  readAnyCopy(key: string): Ask<Stored> {
    return async (collection, timeout) =>
      this.#found(collection.getAnyReplica(key, { transcoder: this.#transcoder, timeout }));
  }

  readVersioned(key: string): Ask<Versioned | undefined> {
    return async (collection, timeout) => {
      try {
        const { content, cas } = await collection.get(key, { transcoder: this.#transcoder, timeout });
        return { stored: content as Buffer | null, cas };
      } catch (cause) {
        if (this.#isAbsence(cause)) return undefined;
        throw cause;
      }
    };
  }

  write(key: string, bytes: Buffer, options: CouchbaseWriteOptions): Ask<void> {
    return async (collection, timeout) => {
      await collection.upsert(key, bytes, { ...options, transcoder: this.#transcoder, timeout });
    };
  }

  /** Writes in place of `before`, undefined being nothing; false where something else is there by now. */
  writeAfter(before: Versioned | undefined, key: string, bytes: Buffer, options: CouchbaseWriteOptions): Ask<boolean> {
    return async (collection, timeout) => {
      const all = { ...options, transcoder: this.#transcoder, timeout };
      try {
        if (before === undefined) await collection.insert(key, bytes, all);
        else await collection.replace(key, bytes, { ...all, cas: before.cas });
        return true;
      } catch (cause) {
        if (this.#isOvertaken(cause)) return false;
        throw cause;
      }
    };
  }

  async #found(reading: Promise<GetResult | GetReplicaResult>): Promise<Stored> {
    try {
      return (await reading).content as Buffer | null;
    } catch (cause) {
      if (this.#isAbsence(cause)) return undefined;
      throw cause;
    }
  }

  #isAbsence(cause: unknown): boolean {
    return cause instanceof this.#library.DocumentNotFoundError;
  }

  #isOvertaken(cause: unknown): boolean {
    const { CasMismatchError, DocumentExistsError, DocumentNotFoundError } = this.#library;
    return (
      cause instanceof CasMismatchError ||
      cause instanceof DocumentExistsError ||
      cause instanceof DocumentNotFoundError
    );
  }
}
