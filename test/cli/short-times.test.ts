import { expect, it } from 'vitest';
import { formatAge, formatMs } from '../../cli/short-times.ts';

it.each([
  [0, '0ms'],
  [999, '999ms'],
  [1500, '1.5s'],
  [90_000, '1.5m'],
  [7_200_000, '2h'],
  [36_000_000, '10h'],
  [15_465_600_000, '179d'],
])('%d ms ago is %s', (ms, text) => expect(formatAge(ms)).toBe(text));

it('says how long a step took to the microsecond', () => expect(formatMs(0.0321)).toBe('0.032ms'));
