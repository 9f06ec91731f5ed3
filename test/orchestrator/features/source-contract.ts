import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ScalarType } from '../../../cel/types.ts';
import type { FeatureSource, FieldSpec, Row } from '../../../orchestrator/features/source.ts';
import { sourceOf, Source, STATUSES, statusOf, type Columns } from '../../../orchestrator/plan/column.ts';

export const FIELDS: FieldSpec[] = (['bool', 'int64', 'double', 'string', 'timestamp'] as ScalarType[]).map((type) => ({
  name: `a_${type}`,
  type,
}));
const MOMENT = Date.UTC(2013, 4, 5, 13);
export const FULL: Row = {
  key: 'full',
  values: {
    a_bool: true,
    a_int64: 2004,
    a_double: 0.1,
    a_string: 'BOEING “737”\n',
    a_timestamp: '2013-05-05T13:00:00Z',
  },
  timestampMs: Date.UTC(2013, 0, 5, 10),
};

/** An open source of tables, and how rows get to where it reads them. */
export interface SourceUnderTest {
  source(table: string): FeatureSource;
  write(table: string, ...rows: Row[]): Promise<void>;
  /** A row's text as another tool would have it. */
  writeRaw(table: string, key: string, value: string): Promise<void>;
  close(): Promise<void>;
}

export interface SourceTraits {
  /** What its values say they are from. */
  from: keyof typeof Source;
  /** Whether a row that is no JSON can stand beside others, each being a text of its own. */
  hasOwnTexts: boolean;
  /** Where values are kept as texts alone: `1` is the number or the text that its reader takes it for. */
  isUntyped?: boolean;
}

export const statuses = (block: Columns, row = 0): string[] =>
  block.states.map((states) => STATUSES[statusOf(states[row])] ?? '?');
const cells = (block: Columns, row = 0): unknown[] => block.values.map((values) => values[row]);

export async function read(source: FeatureSource, text: readonly string[], fields = FIELDS): Promise<Columns> {
  const signal = new AbortController().signal;
  return source.fetch({ count: text.length, text }, fields, { asOfMs: MOMENT, deadlineMs: Infinity, signal });
}

/** What holds wherever rows are read: the suite that each kind of source runs. */
export function describeSource(name: string, traits: SourceTraits, open: () => Promise<SourceUnderTest>): void {
  describe(`the source ${name}`, () => {
    let under: SourceUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    const write: SourceUnderTest['write'] = (table, ...rows) => under.write(table, ...rows);
    const readFrom = (table: string, text: readonly string[], fields = FIELDS): Promise<Columns> =>
      read(under.source(table), text, fields);

    test('gives every type back as a column holds it, with the time of the row', async () => {
      await write('types', FULL);
      const block = await readFrom('types', ['full']);
      expect(cells(block)).toEqual([1, 2004, 0.1, 'BOEING “737”\n', MOMENT]);
      expect(new Set(statuses(block))).toEqual(new Set(['PRESENT']));
      expect(sourceOf(block.states[0][0])).toBe(Source[traits.from]);
      expect(block.timestampMs[0]).toBe(FULL.timestampMs);
    });

    test('fields pick and order the columns', async () => {
      await write('types', FULL);
      const block = await readFrom('types', ['full'], [FIELDS[3], FIELDS[1]]);
      expect(cells(block)).toEqual(['BOEING “737”\n', 2004]);
    });

    test('an absent key is NOT_FOUND in each field, NaN or null, without a time', async () => {
      const block = await readFrom('types', ['nobody']);
      expect(new Set(statuses(block))).toEqual(new Set(['NOT_FOUND']));
      expect(cells(block)).toEqual([Number.NaN, Number.NaN, Number.NaN, null, Number.NaN]);
      expect(block.timestampMs[0]).toBeNaN();
    });

    test('a null or absent field is NULL_VALUE for its own cell', async () => {
      await write('nulls', { key: 'a', values: { a_int64: null, a_double: 1 } }, { key: 'b', values: { a_int64: 7 } });
      const block = await readFrom('nulls', ['a', 'b'], [FIELDS[1], FIELDS[2]]);
      expect(statuses(block, 0)).toEqual(['NULL_VALUE', 'PRESENT']);
      expect(statuses(block, 1)).toEqual(['PRESENT', 'NULL_VALUE']);
      expect(block.timestampMs[0]).toBeNaN();
    });

    test('a value of another type is ERROR for its own cell only', async () => {
      await write('wrong', {
        key: 'a',
        values: { a_bool: 1, a_int64: 1.5, a_double: '1', a_string: 4, a_timestamp: '2013-05-05' },
      });
      const readable = traits.isUntyped ? 'PRESENT' : 'ERROR';
      expect(statuses(await readFrom('wrong', ['a']))).toEqual(['ERROR', 'ERROR', readable, readable, 'ERROR']);
      await write('wrong', { key: 'a', values: { ...FULL.values, a_int64: true } });
      const statusesNow = statuses(await readFrom('wrong', ['a']));
      expect(statusesNow).toEqual(['PRESENT', 'ERROR', 'PRESENT', 'PRESENT', 'PRESENT']);
    });

    test('a row whose time is none is ERROR in each field, and its neighbours are as they were', async () => {
      await write('broken', { ...FULL, key: 'left' }, { ...FULL, key: 'right' });
      const others = traits.hasOwnTexts ? ['{"a_int64":1', '', 'NaN', '[1]', 'null'] : [];
      for (const raw of [...others, '{"a_int64":1,"_ts":"yesterday"}']) {
        await under.writeRaw('broken', 'bad', raw);
        const block = await readFrom('broken', ['left', 'bad', 'right']);
        expect(new Set(statuses(block, 1))).toEqual(new Set(['ERROR']));
        expect(cells(block, 0)).toEqual([1, 2004, 0.1, 'BOEING “737”\n', MOMENT]);
        expect(cells(block, 2)).toEqual(cells(block, 0));
      }
    });

    test('an int64 beyond 2^53 is ERROR, never another number; as decimal text below it, it is a number', async () => {
      await under.writeRaw('big', 'number', '{"a_int64":9007199254740993}');
      await write('big', { key: 'text', values: { a_int64: '9007199254740993' } });
      await write('big', { key: 'small', values: { a_int64: '-42' } });
      const block = await readFrom('big', ['number', 'text', 'small'], [FIELDS[1]]);
      expect([0, 1, 2].map((row) => statuses(block, row)[0])).toEqual(['ERROR', 'ERROR', 'PRESENT']);
      expect(block.values[0][2]).toBe(-42);
    });

    test('a field named like what every object inherits is null unless the row has it', async () => {
      await write('inherited', { key: 'a', values: {} }, { key: 'b', values: { constructor: 'x' } });
      const block = await readFrom('inherited', ['a', 'b'], [{ name: 'constructor', type: 'string' }]);
      expect([statuses(block, 0)[0], statuses(block, 1)[0]]).toEqual(['NULL_VALUE', 'PRESENT']);
    });

    test('timestamps keep their milliseconds, and other zones are the same moment', async () => {
      await write('times', { key: 'a', values: { a_timestamp: '2013-05-05T09:00:00.250-04:00' }, timestampMs: 1234 });
      const block = await readFrom('times', ['a'], [FIELDS[4]]);
      expect(block.values[0][0]).toBe(MOMENT + 250);
      expect(block.timestampMs[0]).toBe(1234);
    });

    test('answers one row a key, in the order of the keys, also where they repeat', async () => {
      await write('order', { key: 'a', values: { a_int64: 1 } }, { key: 'b', values: { a_int64: 2 } });
      const block = await readFrom('order', ['b', 'a', 'gone', 'b'], [FIELDS[1]]);
      expect([...block.values[0]]).toEqual([2, 1, Number.NaN, 2]);
    });

    test('escapes and other alphabets are keys like any other', async () => {
      const keys = ['a%7Cb%3Ac', 'Zürich', '東京', 'a b', '100%25'];
      await write('keys', ...keys.map((key, at) => ({ key, values: { a_int64: at, a_string: '' } })));
      const block = await readFrom('keys', keys, [FIELDS[1], FIELDS[3]]);
      expect([...block.values[0]]).toEqual([0, 1, 2, 3, 4]);
      expect(statuses(block)).toEqual(['PRESENT', 'PRESENT']);
      expect(block.values[1][0]).toBe('');
    });

    test('1,000 keys in one call', async () => {
      const keys = Array.from({ length: 1000 }, (_, at) => `k${at}`);
      await write('many', ...keys.map((key, at) => ({ key, values: { a_double: at / 3 } })));
      const block = await readFrom('many', keys, [FIELDS[2]]);
      expect(block.rows).toBe(1000);
      expect([...block.values[0]].every((value, at) => value === at / 3)).toBe(true);
    });

    test('values of 1 MB, between small ones', async () => {
      const large = 'é'.repeat(512 * 1024);
      await write('large', { key: 'large', values: { a_string: large } }, { key: 'small', values: { a_string: 'x' } });
      const block = await readFrom('large', ['small', 'large', 'gone'], [FIELDS[3]]);
      expect(block.values[0]).toEqual(['x', large, null]);
    });

    test('many readers at once each get their own rows', async () => {
      await write('readers', ...Array.from({ length: 100 }, (_, at) => ({ key: `${at}`, values: { a_int64: at } })));
      const blocks = await Promise.all(
        Array.from({ length: 100 }, (_, at) => readFrom('readers', [`${at}`, `${99 - at}`], [FIELDS[1]])),
      );
      blocks.forEach((block, at) => expect([...block.values[0]]).toEqual([at, 99 - at]));
    });

    test('a key too long for any row is NOT_FOUND', async () => {
      expect(statuses(await readFrom('long', ['k'.repeat(70_000)], [FIELDS[1]]))).toEqual(['NOT_FOUND']);
    });

    test('a cancelled request reads nothing', async () => {
      const reading = async (): Promise<Columns> => {
        const options = { asOfMs: 0, deadlineMs: Infinity, signal: AbortSignal.abort() };
        return under.source('types').fetch({ count: 1, text: ['full'] }, FIELDS, options);
      };
      await expect(reading()).rejects.toMatchObject({ code: 'CANCELLED' });
    });
  });
}
