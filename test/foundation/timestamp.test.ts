import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimestamp, parseTimestampMs } from '../../foundation/timestamp.ts';

const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');
const moments = fc.integer({ min: FIRST, max: LAST });
const offsets = fc.record({
  sign: fc.constantFrom('+', '-'),
  hours: fc.integer({ min: 0, max: 23 }),
  minutes: fc.integer({ min: 0, max: 59 }),
});
const twoDigits = (n: number): string => String(n).padStart(2, '0');

describe('a timestamp', () => {
  it('is read as Date reads it, for every moment of the calendar', () => {
    fc.assert(
      fc.property(moments, (ms) => {
        const text = new Date(ms).toISOString();
        expect(parseTimestampMs(text)).toBe(ms);
        expect(parseTimestampMs(`${text.slice(0, 19)}Z`)).toBe(Math.floor(ms / 1000) * 1000);
      }),
      { numRuns: 2000 },
    );
  });

  it('is read with its offset as Date reads it', () => {
    fc.assert(
      fc.property(moments, offsets, (ms, { sign, hours, minutes }) => {
        const text = new Date(ms).toISOString().replace('Z', `${sign}${twoDigits(hours)}:${twoDigits(minutes)}`);
        expect(parseTimestampMs(text)).toBe(Date.parse(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('is written so that it is read back, with milliseconds only where there are some', () => {
    fc.assert(fc.property(moments, (ms) => parseTimestampMs(formatTimestamp(ms)) === ms));
    expect(formatTimestamp(Date.UTC(2013, 4, 5, 13))).toBe('2013-05-05T13:00:00Z');
    expect(formatTimestamp(Date.UTC(2013, 4, 5, 13) + 7)).toBe('2013-05-05T13:00:00.007Z');
  });

  it.each([
    ['2013-05-05t13:00:00z', '2013-05-05T13:00:00.000Z'],
    ['2013-05-05 13:00:00+00:00', '2013-05-05T13:00:00.000Z'],
    ['2013-05-05T13:00:00-04:00', '2013-05-05T17:00:00.000Z'],
    ['2013-05-05T13:00:00+05:45', '2013-05-05T07:15:00.000Z'],
    ['2013-05-05T13:00:00.1Z', '2013-05-05T13:00:00.100Z'],
    ['2013-05-05T13:00:00.123999999Z', '2013-05-05T13:00:00.123Z'],
    ['2012-02-29T00:00:00Z', '2012-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    // RFC 3339 takes a leap second; POSIX time has none, and it is the second that follows.
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, wanted) => {
    expect(new Date(parseTimestampMs(text)).toISOString()).toBe(wanted);
  });

  it.each([
    '',
    '2013-05-05',
    '2013-05-05T13:00:00',
    '2013-05-05T13:00Z',
    '2013-5-5T13:00:00Z',
    '2013-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2013-00-01T00:00:00Z',
    '2013-13-01T00:00:00Z',
    '2013-04-31T00:00:00Z',
    '2013-05-05T24:00:00Z',
    '2013-05-05T13:60:00Z',
    '2013-05-05T13:00:61Z',
    '2013-05-05T13:00:00+24:00',
    '2013-05-05T13:00:00+05:60',
    '2013-05-05T13:00:00+0500',
    '2013-05-05T13:00:00.Z',
    '2013-05-05T13:00:00Z ',
    '+002013-05-05T13:00:00Z',
    '２013-05-05T13:00:00Z',
    '1367758800',
  ])('is not "%s"', (text) => {
    expect(parseTimestampMs(text)).toBeNaN();
  });

  it('is nothing that Date does not take, whatever the text', () => {
    const odd = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,4})?([Zz]|[+-]\d\d:\d\d)$/),
    );
    fc.assert(
      fc.property(odd, (text) => {
        const ms = parseTimestampMs(text);
        if (Number.isNaN(ms)) return;
        const leap = /:60/.test(text) ? 1000 : 0;
        const plain = text.toUpperCase().replace(' ', 'T').replace(':60', ':59');
        expect(ms).toBe(Date.parse(plain) + leap);
      }),
      { numRuns: 3000 },
    );
  });
});
