import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as calendar from '../../cel/calendar.ts';
import { openZone, startOfDay } from '../../cel/zone.ts';
import { at, evaluateText } from './evaluate.ts';

const evaluateAt = (text: string, time: string, timezone?: string) =>
  evaluateText(text, { t: ['timestamp', at(time)] }, timezone);

describe('in New York, 2013-03-10 has no 2 o’clock and 2013-11-03 has 1 o’clock twice', () => {
  test.each([
    ['2013-03-10T06:59:59Z', 1, 59],
    ['2013-03-10T07:00:00Z', 3, 0],
    ['2013-03-10T15:00:00Z', 11, 0],
    ['2013-11-03T05:30:00Z', 1, 30],
    ['2013-11-03T06:30:00Z', 1, 30],
    ['2013-11-03T07:00:00Z', 2, 0],
    ['2013-07-01T03:59:00Z', 23, 59],
  ])('%s is %i:%i', (time, hour, minute) => {
    expect(evaluateAt('t.getHours()', time, 'America/New_York')).toBe(hour);
    expect(evaluateAt("t.getHours('America/New_York')", time)).toBe(hour);
    expect(evaluateAt('t.getMinutes()', time, 'America/New_York')).toBe(minute);
  });

  test.each([
    ['2013-03-10T04:59:59Z', '2013-03-09T05:00:00Z'],
    ['2013-03-10T05:00:00Z', '2013-03-10T05:00:00Z'],
    ['2013-03-11T03:59:59Z', '2013-03-10T05:00:00Z'],
    ['2013-03-11T04:00:00Z', '2013-03-11T04:00:00Z'],
    ['2013-11-03T04:00:00Z', '2013-11-03T04:00:00Z'],
    ['2013-11-04T04:59:59Z', '2013-11-03T04:00:00Z'],
    ['2013-11-04T05:00:00Z', '2013-11-04T05:00:00Z'],
  ])("truncate(%s, '1d') is %s", (time, start) => {
    expect(evaluateAt("truncate(t, '1d')", time, 'America/New_York')).toBe(at(start));
  });

  test('the hour of truncate is of UTC, also where the zone is off by half an hour', () => {
    expect(evaluateAt("truncate(t, '1h')", '2013-05-05T13:10:00Z', 'Asia/Kolkata')).toBe(at('2013-05-05T13:00:00Z'));
  });
});

const readNewYear = (getter: string) => evaluateAt(`t.${getter}()`, '2014-01-01T04:30:15.250Z', 'America/New_York');

const hourIn = (zone: string | null) =>
  evaluateText('t.getHours(z)', { t: ['timestamp', at('2013-05-05T13:10:00Z')], z: ['string', zone] });

test('getters read the local calendar', () => {
  expect(readNewYear('getFullYear')).toBe(2013);
  expect(readNewYear('getMonth')).toBe(11);
  expect(readNewYear('getDate')).toBe(31);
  expect(readNewYear('getDayOfMonth')).toBe(30);
  expect(readNewYear('getDayOfWeek')).toBe(2);
  expect(readNewYear('getDayOfYear')).toBe(364);
  expect(readNewYear('getSeconds')).toBe(15);
  expect(readNewYear('getMilliseconds')).toBe(250);
});

test('where midnight is skipped the day begins with the change, where it comes twice at the first', () => {
  const saoPaulo = openZone('America/Sao_Paulo')!;
  expect(startOfDay(at('2013-10-20T15:00:00Z'), saoPaulo)).toBe(at('2013-10-20T03:00:00Z'));
  const havana = openZone('America/Havana')!;
  expect(startOfDay(at('2013-11-03T15:00:00Z'), havana)).toBe(at('2013-11-03T04:00:00Z'));
});

test('a zone of a row is read a row; one that does not exist gives null', () => {
  expect([hourIn('Europe/Berlin'), hourIn('+05:30'), hourIn('-08:00'), hourIn('UTC')]).toEqual([15, 18, 5, 13]);
  expect([hourIn('Nowhere'), hourIn('+25:00'), hourIn(''), hourIn(null)]).toEqual([NaN, NaN, NaN, NaN]);
});

test('offsets are those of Intl, at any moment of a century, whatever was asked before', () => {
  const names = ['America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia'];
  const formats = new Map(
    names.map((timeZone) => [
      timeZone,
      new Intl.DateTimeFormat('en-US', {
        timeZone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      }),
    ]),
  );
  const local = (name: string, time: number): number => {
    const parts = formats.get(name)!.formatToParts(time);
    const part = (type: string) => Number(parts.find((found) => found.type === type)?.value);
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  };
  const time = fc.integer({ min: at('1971-01-01T00:00:00Z') / 1000, max: at('2070-01-01T00:00:00Z') / 1000 });
  fc.assert(
    fc.property(fc.constantFrom(...names), time, (name, seconds) => {
      const ms = seconds * 1000;
      expect(openZone(name)!.offsetAt(ms)).toBe(local(name, ms) - ms);
    }),
    { numRuns: 2000 },
  );
});

test('the calendar is that of Date, from year 1 to year 9999', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
      const date = new Date(ms);
      const first = new Date(0).setUTCFullYear(date.getUTCFullYear(), 0, 1);
      const ours = [calendar.year(ms), calendar.month(ms), calendar.date(ms), calendar.dayOfWeek(ms)];
      expect(ours).toEqual([date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCDay()]);
      expect(calendar.dayOfYear(ms)).toBe(Math.floor((ms - first) / 86_400_000));
      expect([calendar.hours(ms), calendar.minutes(ms)]).toEqual([date.getUTCHours(), date.getUTCMinutes()]);
      expect([calendar.seconds(ms), calendar.milliseconds(ms)]).toEqual([
        date.getUTCSeconds(),
        date.getUTCMilliseconds(),
      ]);
    }),
    { numRuns: 5000 },
  );
});
