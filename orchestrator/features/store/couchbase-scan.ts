import type { ScanResult } from 'couchbase';
import { AppError } from '../../../foundation/errors.ts';
import type { FetchScope } from '../fetch-scope.ts';
import type { CouchbaseConnections } from './couchbase-connections.ts';
import type { Link } from './couchbase-connection.ts';

/** A listing takes a scan of each of a bucket's 1024 partitions: so many are under way at once. */
const PARTITIONS_AT_ONCE = 8;

/** What a scan needs of a store's connections. */
export type Scanned = Pick<CouchbaseConnections, 'library' | 'store' | 'link' | 'failed' | 'stopped'>;

/** What the client's scan is beside the promise that it is declared as (`StreamableScanPromise`). */
interface Scan {
  on(event: 'result', listener: (result: ScanResult) => void): unknown;
  on(event: 'error', listener: (cause: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  cancelStreaming(): void;
}

/**
 * The keys that begin with the prefix, without it, in pages. What was written a moment ago may not be among them: a
 * server scans what it has on disk. Keys come as fast as the server sends them, whoever takes them: the client cannot
 * hold them up. `pageKeys` make a page, the last one aside. Throws INVALID_INPUT where the server has no range scan.
 */
export async function* scanKeys(
  connections: Scanned,
  prefix: string,
  pageKeys: number,
  scope: FetchScope,
): AsyncGenerator<string[]> {
  if (scope.stop.aborted) throw connections.stopped(scope);
  const link = connections.link();
  const found = new Found(pageKeys);
  const onStop = (): void => found.end(connections.stopped(scope));
  let scan: Scan | undefined;
  scope.stop.addEventListener('abort', onStop);
  try {
    scan = startScan(connections, link, prefix);
    scan.on('result', ({ id }) => found.add(id.slice(prefix.length)));
    scan.on('error', (cause) => found.end(cause));
    scan.on('end', () => found.end());
    for (let page = await found.page(); page.length > 0; page = await found.page()) yield page;
  } catch (cause) {
    throw cause instanceof AppError ? cause : failed(connections, link, cause);
  } finally {
    scope.stop.removeEventListener('abort', onStop);
    scan?.cancelStreaming();
  }
}

function startScan({ library }: Scanned, { collection }: Link, prefix: string): Scan {
  const scanning = collection.scan(new library.PrefixScan(prefix), { idsOnly: true, concurrency: PARTITIONS_AT_ONCE });
  return scanning as unknown as Scan;
}

function failed(connections: Scanned, link: Link, cause: unknown): AppError {
  const { FeatureNotAvailableError, UnsupportedOperationError } = connections.library;
  if (cause instanceof FeatureNotAvailableError || cause instanceof UnsupportedOperationError) {
    const why = 'its server has no range scan, which came with Couchbase 7.6';
    const message = `The store "${connections.store}" cannot list its keys: ${why}. Take them from the data that its rows were made of.`;
    return new AppError('INVALID_INPUT', message, { cause });
  }
  return connections.failed(cause, link);
}

/** Keys that have come and were not taken yet. */
class Found {
  readonly #pageKeys: number;
  #keys: string[] = [];
  #end: { cause?: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(pageKeys: number) {
    this.#pageKeys = pageKeys;
  }

  add(key: string): void {
    this.#keys.push(key);
    if (this.#keys.length >= this.#pageKeys) this.#wake?.();
  }

  /** No more come; the first to say so says why. */
  end(cause?: unknown): void {
    this.#end ??= { cause };
    this.#wake?.();
  }

  /** The next keys; none where there are no more. Throws what the end was caused by, when all before it are taken. */
  async page(): Promise<string[]> {
    while (this.#keys.length < this.#pageKeys && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#keys.length === 0 && this.#end?.cause !== undefined) throw this.#end.cause;
    const page = this.#keys;
    this.#keys = [];
    return page;
  }
}
