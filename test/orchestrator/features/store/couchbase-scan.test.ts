import * as couchbase from 'couchbase';
import { PrefixScan, StreamableScanPromise, type Collection, type ScanResult } from 'couchbase';
import { describe, expect, test } from 'vitest';
import { AppError, callerGone } from '../../../../foundation/errors.ts';
import { FetchScope } from '../../../../orchestrator/features/fetch-scope.ts';
import { scanKeys, type Scanned } from '../../../../orchestrator/features/store/couchbase-scan.ts';
import { now } from './numbers.ts';

type Stream = StreamableScanPromise<ScanResult[], ScanResult>;

/** No server here can scan: the stream is the client's own, and what comes by it is the test's. */
function scanned(start: (stream: Stream) => void): { connections: Scanned; stream: Stream; asked: unknown[] } {
  const stream: Stream = new StreamableScanPromise((results: ScanResult[]) => results);
  const asked: unknown[] = [];
  const scan = (...given: unknown[]): Stream => {
    asked.push(...given);
    queueMicrotask(() => start(stream));
    return stream;
  };
  const collection = { scan } as unknown as Collection;
  const connections: Scanned = {
    library: couchbase,
    store: 'online',
    link: () => ({ collection, isLost: false }),
    failed: (cause) => new AppError('FEATURE_UNAVAILABLE', 'failed', { cause }),
    stopped: () => callerGone(),
  };
  return { connections, stream, asked };
}

const scopeOf = (signal = new AbortController().signal): FetchScope =>
  new FetchScope({ signal, deadlineMs: Infinity }, now);

const found = (id: string): ScanResult => ({ id });

async function listed({ connections }: { connections: Scanned }, pageKeys = 2): Promise<string[][]> {
  const pages: string[][] = [];
  for await (const page of scanKeys(connections, 'nyc:plane:', pageKeys, scopeOf())) pages.push(page);
  return pages;
}

describe('the scan of a server that has one', () => {
  test('is of the keys alone that begin with the prefix, and gives what comes after it, in pages', async () => {
    const under = scanned((stream) => {
      for (const key of ['a', 'b', 'c|d', '', 'e']) stream.emit('result', found(`nyc:plane:${key}`));
      stream.emit('end');
    });
    const pages = await listed(under);
    expect(pages.flat()).toEqual(['a', 'b', 'c|d', '', 'e']);
    expect(under.asked[0]).toEqual(new PrefixScan('nyc:plane:'));
    expect(under.asked[1]).toMatchObject({ idsOnly: true });
  });

  test('gives a page while more are to come, and ends where who asked has seen enough', async () => {
    const under = scanned((stream) => stream.emit('result', found('nyc:plane:a')));
    for await (const page of scanKeys(under.connections, 'nyc:plane:', 1, scopeOf())) {
      expect(page).toEqual(['a']);
      break;
    }
    expect(under.stream.cancelRequested).toBe(true);
  });

  test('of a table without rows gives no page', async () => {
    expect(await listed(scanned((stream) => stream.emit('end')))).toEqual([]);
  });

  test('fails with the server, when what came before is taken', async () => {
    const cause = new couchbase.TemporaryFailureError(new Error('busy'));
    const under = scanned((stream) => {
      stream.emit('result', found('nyc:plane:a'));
      stream.emit('error', cause);
      stream.emit('end');
    });
    const pages = scanKeys(under.connections, 'nyc:plane:', 2, scopeOf());
    expect((await pages.next()).value).toEqual(['a']);
    await expect(pages.next()).rejects.toMatchObject({ code: 'FEATURE_UNAVAILABLE', cause });
  });

  test('ends when the caller goes', async () => {
    const caller = new AbortController();
    const under = scanned(() => caller.abort());
    const pages = scanKeys(under.connections, 'nyc:plane:', 2, scopeOf(caller.signal));
    await expect(pages.next()).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(under.stream.cancelRequested).toBe(true);
    const late = scanKeys(under.connections, 'nyc:plane:', 2, scopeOf(caller.signal));
    await expect(late.next()).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

test.each(['FeatureNotAvailableError', 'UnsupportedOperationError'] as const)(
  'a server that has none (%s) is said to have none',
  async (name) => {
    const under = scanned((stream) => stream.emit('error', new couchbase[name](new Error('no'))));
    await expect(listed(under)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('The store "online" cannot list its keys'),
    });
  },
);
