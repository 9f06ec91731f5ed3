import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDurationMs, parseSizeBytes } from '../../foundation/duration.ts';

describe('a duration', () => {
  it.each([
    ['0ms', 0],
    ['80ms', 80],
    ['2s', 2000],
    ['1.5s', 1500],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['', '80', 'ms', '-1s', '1 s', '1S', '1e3ms', '.5s', '1.s', '1w', '1m30s', ' 1s', '1s\n'])(
    'is not "%s"',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );

  it('is written as short as it is read back', () => {
    expect([0, 80, 1000, 90_000, 600_000, 86_400_000].map(formatDuration)).toEqual([
      '0ms',
      '80ms',
      '1s',
      '90s',
      '10m',
      '1d',
    ]);
    fc.assert(fc.property(fc.nat(), (ms) => parseDurationMs(formatDuration(ms)) === ms));
  });
});

describe('a size', () => {
  it.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['1MiB', 1_048_576],
    ['0.5MiB', 524_288],
    ['2GiB', 2_147_483_648],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSizeBytes(text)).toBe(bytes);
  });

  it.each(['', '1', '1KB', '1kib', '1 MiB', '-1B', '1TiB'])('is not "%s"', (text) => {
    expect(parseSizeBytes(text)).toBeUndefined();
  });
});
