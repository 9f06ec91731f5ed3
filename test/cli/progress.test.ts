import { expect, test } from 'vitest';
import { progressBar, progressLine } from '../../cli/progress.ts';

test('a bar has share, count, rate and time left', () => {
  expect(progressLine(25_000, 100_000, 0.5)).toBe('[######                  ] 25 %  25,000 rows  50,000/s  2 s left');
});

test('without a total there is count and rate', () => {
  expect(progressLine(1200, undefined, 2)).toBe('1,200 rows  600/s');
});

test('nothing is written where no terminal watches', () => {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
  progressBar(stream)({ rows: 1, totalRows: 2, done: false });
  expect(written).toEqual([]);
});

test('the line is redrawn at most every 100 ms, and goes at the end', () => {
  const written: string[] = [];
  const stream = { isTTY: true, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
  let nowMs = 0;
  const onProgress = progressBar(stream, () => nowMs);
  for (nowMs = 0; nowMs < 250; nowMs += 50) onProgress({ rows: nowMs, totalRows: undefined, done: false });
  onProgress({ rows: 250, totalRows: undefined, done: true });
  expect(written).toHaveLength(4);
  expect(written.at(-1)).toBe('\r\u001b[K');
});

test('the line is cut to a narrow terminal', () => {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  const stream = { isTTY: true, columns: 20, write } as unknown as NodeJS.WriteStream;
  progressBar(stream, () => 0)({ rows: 25_000, totalRows: 100_000, done: false });
  expect(written).toEqual(['\r\u001b[K[######             ']);
});
