import { existsSync } from 'node:fs';
import { tableFromJSON, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runBatch, type BatchOptions, type BatchResult } from '../../data/batch/batch.ts';
import { inOrder } from '../../data/batch/in-order.ts';
import { ingest } from '../../data/ingest/ingest.ts';
import { createLogger } from '../../foundation/telemetry/logger.ts';
import { openDeployment, type Deployment } from '../../orchestrator/deployment.ts';
import type { PastRows } from '../../orchestrator/features/view-policies.ts';
import type { Call } from '../../orchestrator/predict/call.ts';
import { createPredict } from '../../orchestrator/predict/predict.ts';
import { openScratch, readAll, type Scratch } from './scratch.ts';

const YAML = `
version: 1
project: nyc
asOf: request.time
inputs:
  request: { time: timestamp }
  instance: { id: string, tailnum: "string?", miles: double, n: "int64?" }
overrides: [plane.year, plane.maker, pulse.delay]
stores: { online: { type: lmdb } }
views:
  pulse: { store: online, key: { time: request.time }, fields: { delay: double } }
  plane: { store: online, key: { tailnum: instance.tailnum }, fields: { year: int64, maker: string }, defaults: { maker: unknown } }
  big: { store: online, key: { n: instance.n }, fields: { share: double } }
models:
  m:
    features: [instance.miles, plane.year, { name: maker, from: plane.maker, categories: [A, B] }, big.share]
    id: instance.id
    partial: true
  late: { features: [plane.year, pulse.delay], id: instance.id }
`;
const signal = new AbortController().signal;
const now = (): number => performance.now();

let scratch: Scratch;
let deployment: Deployment;
let past: PastRows;
let calls: Call[];
beforeAll(async () => {
  scratch = await openScratch();
  const checked = await scratch.config(YAML);
  const logger = createLogger('silent', 'test');
  const options = { stateDir: scratch.folder, models: false, logger, now, onViewFailure: () => {} };
  deployment = await openDeployment(checked, options);
  const store = deployment.stores.get('online')!;
  const planes = 'tailnum,year,maker,_ts\nN1,2004,A,2013-01-01\nN2,,B,2013-06-01\nN3,1999,C,\n';
  const stores = new Map([['online', store]]);
  const files = [await scratch.text('planes.csv', planes)];
  await ingest({ checked, view: 'plane', data: { files }, stores, signal });
  const big = await scratch.text('big.csv', 'n,share\n9007199254740993,0.25\n');
  await ingest({ checked, view: 'big', data: { files: [big] }, stores, signal });
});
afterAll(async () => {
  await deployment.close();
  await scratch.remove();
});
beforeEach(() => {
  past = { allowFuture: false, futureRows: 0, untimedRows: 0 };
  calls = [];
});

function batch(instances: string, out: string, more: Partial<BatchOptions> = {}): Promise<BatchResult> {
  const predict = createPredict(() => ({ deployment, release: () => {} }), { now, past });
  return runBatch({
    predict(call) {
      calls.push(call);
      return predict(call);
    },
    plan: deployment.plan,
    model: 'm',
    maxRows: 1000,
    instances,
    out: scratch.path(out),
    statuses: false,
    predictions: false,
    drop: [],
    clock: { epochMs: () => 0, monotonicMs: now },
    signal,
    ...more,
  });
}
const rowsOf = async (out: string): Promise<Record<string, unknown>[]> =>
  (await readAll(scratch.path(out))).map(({ row }) => row);

const FEATURES = ['id', 'instance.miles', 'plane.year', 'maker', 'big.share'];
const CSV = `id,tailnum,miles,request.time,label,n
a,N1,100,2013-05-05T13:00:00Z,late,
b,N2,200.5,2013-05-05T13:00:00Z,,
c,,1e-7,2013-05-05T13:00:00Z,late,9007199254740993
d,N2,4,2013-07-05T13:00:00Z,late,
`;

describe('batch', () => {
  test('a dropped feature is as if no row had it, and a name that is none is told before the file is read', async () => {
    const csv = await scratch.text('dropped.csv', CSV);
    const result = await batch(csv, 'dropped.parquet', { drop: ['plane.*'], statuses: true });
    expect(result).toMatchObject({ rows: 4, failed: 0 });
    const [first] = await rowsOf('dropped.parquet');
    expect(first).toMatchObject({
      'plane.year': Number.NaN,
      'plane.year.status': 'NOT_FOUND',
      'big.share': Number.NaN,
    });
    expect(past.untimedRows).toBe(1); // of big: plane was not read
    await expect(batch('no-such.csv', 'none.parquet', { drop: ['plain.*'] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: '--drop plain.* is not a feature, did you mean "plane.*"?.',
    });
  });

  test('rows become features by their columns, others pass through, the id leads', async () => {
    const result = await batch(await scratch.text('a.csv', CSV), 'a.parquet');
    expect(result).toMatchObject({ rows: 4, calls: 2, failed: 0, unit: 'line' });
    const none = Number.NaN;
    expect(await rowsOf('a.parquet')).toEqual([
      { label: 'late', id: 'a', 'instance.miles': 100, 'plane.year': 2004, maker: 0, 'big.share': none },
      { label: null, id: 'b', 'instance.miles': 200.5, 'plane.year': none, maker: none, 'big.share': none },
      { label: 'late', id: 'c', 'instance.miles': 1e-7, 'plane.year': none, maker: none, 'big.share': 0.25 },
      { label: 'late', id: 'd', 'instance.miles': 4, 'plane.year': none, maker: 1, 'big.share': none },
    ]);
  });

  test('neighbours with equal request inputs are one call, up to the limit of a call', async () => {
    const file = await scratch.text('n.csv', CSV);
    await batch(file, 'n.parquet', { maxRows: 2 });
    expect(calls.map(({ instances }) => 'rows' in instances && instances.rows)).toEqual([2, 1, 1]);
  });

  test('a row of a later time did not exist, and is counted; a row without a time is used and counted', async () => {
    const file = await scratch.text('p.csv', `${CSV}e,N3,1,2013-01-02T00:00:00Z,,\n`);
    await batch(file, 'p.csv', { statuses: true });
    expect((await rowsOf('p.csv')).map((row) => [row['maker.status'], row['plane.year.status']])).toEqual([
      ['PRESENT', 'PRESENT'],
      ['NOT_FOUND', 'NOT_FOUND'],
      ['NOT_FOUND', 'NOT_FOUND'],
      ['PRESENT', 'NULL_VALUE'],
      ['PRESENT', 'PRESENT'],
    ]);
    expect(past.futureRows).toBe(1);
    expect(past.untimedRows).toBeGreaterThan(0);
  });

  test('CSV, JSONL, Parquet, Arrow and V1 bodies give the same features', async () => {
    const csv = await scratch.text('s.csv', CSV);
    const objects = (await readAll(csv)).map(({ row }) => Object.assign(row, { miles: Number(row['miles']) }));
    const jsonl = await scratch.text('s.jsonl', objects.map((row) => JSON.stringify(row)).join('\n'));
    const select = `SELECT * REPLACE (miles::DOUBLE AS miles, n::BIGINT AS n, "request.time"::TIMESTAMPTZ AS "request.time")
      FROM read_csv('${csv.replaceAll("'", "''")}', all_varchar = true)`;
    const parquet = await scratch.parquet('s.parquet', select);
    const bodies = objects.map(({ id, tailnum, miles, n, ...rest }: Record<string, unknown>) => ({
      request: { time: rest['request.time'] },
      instances: [{ id, tailnum, miles, n }],
    }));
    const v1 = await scratch.text('v1.jsonl', bodies.map((body) => JSON.stringify(body)).join('\n'));
    const outputs = [];
    const arrow = await scratch.bytes('s.arrow', tableToIPC(tableFromJSON(objects), 'stream'));
    for (const file of [csv, jsonl, parquet, arrow, v1]) {
      await batch(file, 'same.parquet');
      outputs.push((await rowsOf('same.parquet')).map((row) => FEATURES.map((name) => row[name])));
    }
    expect(outputs[0]).toHaveLength(4);
    for (const output of outputs) expect(output).toEqual(outputs[0]);
  });

  test('columns named as what `overrides` lists override it, by JSONL row by row', async () => {
    const csv = 'id,tailnum,miles,request.time,plane.year,request.pulse.delay\n';
    const rows =
      'a,N1,1,2013-05-05T13:00:00Z,1950,2.5\nb,N1,1,2013-05-05T13:00:00Z,,2.5\nc,N1,1,2013-05-05T13:00:00Z,1960,\n';
    const result = await batch(await scratch.text('o.csv', csv + rows), 'o.parquet', { model: 'late' });
    expect(result).toMatchObject({ rows: 3, calls: 2, failed: 0 });
    expect(await rowsOf('o.parquet')).toEqual([
      { id: 'a', 'plane.year': 1950, 'pulse.delay': 2.5 },
      { id: 'b', 'plane.year': Number.NaN, 'pulse.delay': 2.5 },
      { id: 'c', 'plane.year': 1960, 'pulse.delay': Number.NaN },
    ]);
    const row = { id: 'a', tailnum: 'N1', miles: 1, 'request.time': '2013-05-05T13:00:00Z' };
    const lines = [{ ...row, 'plane.maker': 'B', 'plane.year': null }, { ...row, 'plane.year': 1950 }, row];
    const jsonl = await scratch.text('o.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
    await batch(jsonl, 'o.parquet');
    expect((await rowsOf('o.parquet')).map(({ maker, 'plane.year': year }) => [maker, year])).toEqual([
      [1, Number.NaN],
      [0, 1950],
      [0, 2004],
    ]);
  });

  test('a bad instance is listed with its line, and its neighbours are not harmed', async () => {
    const file = await scratch.text('bad.csv', CSV.replace('200.5', 'far'));
    const result = await batch(file, 'bad.parquet');
    expect(result).toMatchObject({ rows: 4, failed: 1, listed: [{ place: 3, code: 'INVALID_INPUT' }] });
    expect(result.listed[0].problem).toContain('miles');
    expect((await rowsOf('bad.parquet')).map((row) => row['instance.miles'])).toEqual([100, Number.NaN, 1e-7, 4]);
  });

  test('a call that fails as a whole leaves its rows null, and the batch goes on', async () => {
    const file = await scratch.text('whole.csv', CSV.replaceAll('2013-05-05T13:00:00Z', 'noon'));
    const result = await batch(file, 'whole.jsonl');
    expect(result).toMatchObject({ rows: 4, calls: 2, failed: 3, listed: [{ place: 2 }] });
    expect((await rowsOf('whole.jsonl')).map((row) => [row['label'], row['id'], row['instance.miles']])).toEqual([
      ['late', null, null],
      [null, null, null],
      ['late', null, null],
      ['late', 'd', 4],
    ]);
  });

  test.each([
    [
      'a needed column is missing',
      'id,tailnum,mils,request.time\na,N1,1,2013-05-05T13:00:00Z\n',
      /no column "miles".*"mils"/,
    ],
    ['a passing column has a feature’s name', CSV.replace('label', 'maker'), /two columns "maker"/],
    [
      'an override has the name of the other side',
      CSV.replace('label', 'pulse.delay'),
      /"pulse.delay", which is per request: name it "request.pulse.delay"/,
    ],
    ['there are no rows', 'id,tailnum,miles,request.time\n', /no rows/],
  ])('is refused where %s, leaving no file', async (_, text, message) => {
    const running = batch(await scratch.text('refused.csv', text), 'refused.parquet');
    await expect(running).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(message) });
    expect(existsSync(scratch.path('refused.parquet'))).toBe(false);
  });

  test('a cancelled batch leaves no file', async () => {
    const file = await scratch.text('c.csv', CSV);
    await expect(batch(file, 'c.parquet', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(existsSync(scratch.path('c.parquet'))).toBe(false);
  });

  test('without a served model, predictions are refused at once', async () => {
    const file = await scratch.text('np.csv', CSV);
    await expect(batch(file, 'np.parquet', { predictions: true })).rejects.toMatchObject({ code: 'NOT_READY' });
  });

  test('the outputs of an answer become prediction columns', async () => {
    const core = createPredict(() => ({ deployment, release: () => {} }), { now, past });
    const file = await scratch.text('out.csv', CSV);
    await batch(file, 'out.parquet', {
      predictions: true,
      async predict(call) {
        const answer = await core({ ...call, want: 'features' });
        const values = Float64Array.from({ length: answer.rows }, (_, at) => at / 4);
        return { ...answer, outputs: [{ name: 'risk', values }], fallback: undefined };
      },
    });
    expect((await rowsOf('out.parquet')).map((row) => row['prediction'])).toEqual([0, 0.25, 0.5, 0]);
  });
});

async function* numbers(): AsyncGenerator<number> {
  for (let at = 0; at < 20; at++) yield at;
}

describe('inOrder', () => {
  test('gives results in the order of the items, with at most so many under way', async () => {
    let underWay = 0;
    let most = 0;
    const results: number[] = [];
    const work = async (item: number): Promise<number> => {
      most = Math.max(most, ++underWay);
      for (let turn = 0; turn < (item * 7) % 5; turn++) await Promise.resolve();
      underWay--;
      return item;
    };
    for await (const result of inOrder(numbers(), 4, work)) results.push(result);
    expect(results).toEqual(Array.from({ length: 20 }, (_, at) => at));
    expect(most).toBeLessThanOrEqual(4);
  });

  test('a failure is thrown in its turn, and nothing is left under way', async () => {
    let underWay = 0;
    const results: number[] = [];
    const work = async (item: number): Promise<number> => {
      underWay++;
      for (let turn = 0; turn < 10 - item; turn++) await Promise.resolve();
      underWay--;
      if (item >= 2) throw new Error(`item ${item}`);
      return item;
    };
    const run = async (): Promise<void> => {
      for await (const result of inOrder(numbers(), 4, work)) results.push(result);
    };
    await expect(run()).rejects.toThrow('item 2');
    expect(results).toEqual([0, 1]);
    expect(underWay).toBe(0);
  });
});
