import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openReference, type Reference } from '../reference/expected.ts';
import { featuresOf, FEATURES, type Board } from '../reference/flights.ts';
import { judge } from '../reference/judge.ts';
import { startDev, type Dev } from './start-dev.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/flights/', import.meta.url));
const MODEL = '/v1/models/delay-risk';

let folder: string;
let dev: Dev;
let reference: Reference;
let boards: Board[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-agreement-'));
  const lines = (await readFile(join(EXAMPLE, 'boards.jsonl'), 'utf8')).split('\n');
  // Every twentieth of the 200: some of each month and of each part of the day.
  boards = lines.filter((line, at) => line !== '' && at % 20 === 0).map((line) => JSON.parse(line) as Board);
  [reference, dev] = await Promise.all([openReference(), startDev(join(EXAMPLE, 'tandem.yaml'), folder)]);
});

afterAll(async () => {
  await dev?.stop();
  await rm(folder, { recursive: true });
});

async function post(path: string, body: unknown, headers = {}): Promise<{ status: number; text: string }> {
  const response = await fetch(`${dev.http}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

test('whole boards get the predictions, ids and degraded views of the plain reference', async () => {
  expect(boards).toHaveLength(10);
  for (const board of boards) {
    const { status, text } = await post(`${MODEL}:predict`, board);
    expect(judge(status, text, await reference.expect(board))).toEqual({ kind: 'true' });
  }
});

test('the features of whole boards are the ones of the plain reference, to the last bit', async () => {
  for (const board of boards) {
    const { features } = JSON.parse((await post(`${MODEL}:features`, board)).text) as {
      features: { name: string; values: (number | null)[] }[];
    };
    const expected = board.instances.map((flight) => featuresOf(flight, board.request, reference.tables));
    expect(features.map(({ name }) => name)).toEqual(FEATURES);
    for (const [at, { values }] of features.entries()) {
      const column = expected.map((row) => row[at]);
      expect(values.map((value) => value ?? Number.NaN)).toEqual(column);
    }
  }
});

test('a bad departure is null and named, and its neighbours keep their own predictions', async () => {
  const [board] = boards;
  const [first, second, ...others] = board.instances;
  const mixed = { ...board, instances: [first, { ...second, distance: 'far' }, ...others] };
  const { status, text } = await post(`${MODEL}:predict`, mixed);
  expect(judge(status, text, await reference.expect(mixed))).toEqual({ kind: 'true' });
});

test('a call that is late before its features were gathered is the fallback, with its ids and its bad departures', async () => {
  const [board] = boards;
  const [first, ...others] = board.instances;
  const late = { ...board, instances: [{ ...first, distance: 'far' }, ...others] };
  const headers = { 'x-request-timeout-ms': '0.001' };
  const { status, text } = await post(`${MODEL}:predict`, late, headers);
  expect(judge(status, text, await reference.expect(late))).toEqual({ kind: 'fallback', code: 'DEADLINE_EXCEEDED' });
});
