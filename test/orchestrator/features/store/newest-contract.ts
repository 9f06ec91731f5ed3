import { assert, asyncProperty, constantFrom, date, integer, oneof, string, tuple } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatTimestamp, parseTimestampMs } from '../../../../foundation/timestamp.ts';
import type { Row } from '../../../../orchestrator/features/source.ts';
import { read } from '../source-contract.ts';
import type { StoreUnderTest } from './store-contract.ts';

const N = [{ name: 'n', type: 'int64' as const }];
const { signal } = new AbortController();
/** A row of the field `n`; without a time where `day` is undefined. */
const row = (key: string, n: number, day?: number): Row => ({
  key,
  values: { n },
  ...(day === undefined ? {} : { timestampMs: Date.UTC(2013, 0, day) }),
});

/** What holds of a sink that leaves newer rows in place. */
export function describeNewest(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the sink of ${name} that leaves newer rows in place`, () => {
    let under: StoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const put = (table: string, ...rows: Row[]): Promise<number> =>
      under.store.sink(table, { newest: true }).write(rows, { signal });
    const numbers = async (table: string, ...keys: string[]): Promise<unknown[]> => [
      ...(await read(under.store.source(table), keys, N)).values[0],
    ];

    test('puts what is newer, as new, or alone, and gives how many those are', async () => {
      expect(await put('order', row('a', 1, 10), row('b', 1, 10), row('c', 1, 10))).toBe(3);
      expect(await put('order', row('a', 2, 9), row('b', 2, 10), row('c', 2, 11), row('d', 2, 1))).toBe(3);
      expect(await numbers('order', 'a', 'b', 'c', 'd')).toEqual([1, 2, 2, 2]);
    });

    test('puts a row without a time, and any row over one without', async () => {
      await put('untimed', row('a', 1, 10), row('b', 1));
      expect(await put('untimed', row('a', 2), row('b', 2, 1))).toBe(2);
      expect(await numbers('untimed', 'a', 'b')).toEqual([2, 2]);
    });

    test('puts a row over one that cannot be read', async () => {
      await under.writeRaw('broken', 'a', '{"n":1,"_ts"');
      expect(await put('broken', row('a', 2, 1))).toBe(1);
      expect(await numbers('broken', 'a')).toEqual([2]);
    });

    test('compares rows of one call too, and before 1970', async () => {
      const before = (n: number, timestampMs: number): Row => ({ key: 'a', values: { n }, timestampMs });
      expect(await put('early', before(1, -5000), before(2, -5001), before(3, -4999))).toBe(2);
      expect(await numbers('early', 'a')).toEqual([3]);
    });

    test('a call of many rows is counted whole', async () => {
      const rows = Array.from({ length: 5000 }, (_, at) => row(`k${at}`, at, 10));
      expect(await put('many', ...rows)).toBe(5000);
      expect(
        await put('many', ...rows.map((each, at) => ({ ...each, timestampMs: each.timestampMs! - (at % 2) }))),
      ).toBe(2500);
    });

    test('a bad row leaves nothing of its call behind', async () => {
      const bad = { key: 'b', values: { n: Infinity } };
      await expect(put('bad', row('a', 1, 1), bad)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(await under.store.isEmpty('bad')).toBe(true);
    });

    test('a time is written and compared to the millisecond', async () => {
      const timestampMs = Date.UTC(2013, 0, 1) + 1;
      await put('exact', { key: 'a', values: { n: 1 }, timestampMs });
      expect(await put('exact', { key: 'a', values: { n: 2 }, timestampMs: timestampMs - 1 })).toBe(0);
      const { timestampMs: times } = await read(under.store.source('exact'), ['a'], N);
      expect(formatTimestamp(times[0])).toBe('2013-01-01T00:00:00.001Z');
    });
  });
}

/** Where a row's time is a text, any tool may have written it. */
export function testSpelledTimes(name: string, open: () => Promise<StoreUnderTest>): void {
  test(`${name} reads the time of a row in place as whoever fetches it does, however it is spelled`, async () => {
    const under = await open();
    const sink = under.store.sink('spelled', { newest: true });
    const moment = date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
    const spelled = tuple(
      moment,
      constantFrom('T', 't', ' '),
      constantFrom('', '.5', '.25', '.123456789'),
      constantFrom('Z', 'z', '+00:00', '-04:30', '+14:00', '+24:00', '+0100', ''),
      integer({ min: 0, max: 9999 }),
    ).map(([when, letter, fraction, zone, odd]) => {
      const text = when.toISOString().slice(0, 19).replace('T', letter) + fraction + zone;
      // One in some is no date at all.
      return odd % 10 === 0
        ? text.replace(/-\d\d-\d\d/, `-${String(odd % 14).padStart(2, '0')}-${(odd % 3) + 28}`)
        : text;
    });
    await assert(
      asyncProperty(oneof(spelled, string()), integer({ min: -2, max: 2 }), async (text, shift) => {
        await under.writeRaw('spelled', 'a', JSON.stringify({ n: 1, _ts: text }));
        const there = parseTimestampMs(text);
        const timestampMs = (Number.isNaN(there) ? 0 : there) + shift;
        expect(await sink.write([{ key: 'a', values: { n: 2 }, timestampMs }], { signal })).toBe(
          timestampMs < there ? 0 : 1,
        );
      }),
      { numRuns: 300 },
    );
    await under.close();
  });
}
