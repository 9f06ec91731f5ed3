import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Analysis } from '../../cli/analysis.ts';
import { tandem } from '../cli/tandem.ts';
import { ensurePython } from '../python.ts';
import { functionsProject } from './functions-project.ts';
import { ask, type Told } from './ask.ts';
import { startDev, type Dev } from './start-dev.ts';

interface Instance {
  distance?: number | null;
  carrier?: string | null;
  flag?: boolean | null;
  outer?: number;
  count?: number | null;
}
interface Feature {
  name: string;
  values: (number | string | null)[];
  statuses: string[];
  sources: string[];
}
interface Features {
  features: Feature[];
  degraded?: { view: string; status: string; source: string; count: number }[];
}

const TIME = '2024-01-07T10:00:00.5Z';
const cleanUp = new AsyncDisposableStack();
let folder: string;
let dev: Dev;
let http: string;

beforeAll(async () => {
  folder = cleanUp.use(await functionsProject(await ensurePython())).folder;
  dev = await startDev(join(folder, 'tandem.yaml'), join(folder, 'state'));
  cleanUp.defer(() => dev.stop());
  http = dev.http.slice('http://'.length);
}, 120_000);
afterAll(() => cleanUp.disposeAsync());

const asked = (model: string, instances: readonly Instance[], request = { time: TIME }): Promise<Told> =>
  ask(http, { path: `/v1/models/${model}:features`, body: { request, instances } });

/** The features of `all`, by name, and what the answer says of them. */
async function featuresOf(instances: readonly Instance[]): Promise<Record<string, Feature> & { told: Features }> {
  const { json, text, status } = await asked('all', instances);
  if (status !== 200) throw new Error(text);
  const told = json as unknown as Features;
  return Object.assign(Object.fromEntries(told.features.map((each) => [each.name, each])), { told });
}

/** A counter of the metrics for the functions of `all`. */
async function counted(name: string): Promise<number> {
  const { text } = await ask(dev.admin.slice('http://'.length), { path: '/metrics' });
  return Number(new RegExp(`^${name}\\{model="all\\.functions"\\} (.+)$`, 'm').exec(text)?.[1]);
}

/** Deterministic distances of every size, some null. */
function distances(count: number): (number | null)[] {
  let seed = 7;
  return Array.from({ length: count }, (_, row) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return row % 11 === 3 ? null : (seed / 1000) * 10 ** ((row % 9) - 6);
  });
}

describe('a feature that a function of Python makes', () => {
  it('has the bits of the same rule in CEL, in an answer and in a batch', async () => {
    const instances = distances(300).map((distance): Instance => ({ distance }));
    const { rush, rush_cel, twice, rush_of_twice } = await featuresOf(instances);
    expect(rush.values).toEqual(rush_cel.values);
    expect(rush.statuses).toEqual(rush_cel.statuses);
    expect(rush.values.filter((value) => value === null).length).toBeGreaterThan(20);
    // What a function gives is read by CEL, and that by a function again.
    expect(rush_of_twice.values).toEqual(
      twice.values.map((value) => (value === null ? null : Number(value) * 10 + Number(value) / 3)),
    );

    const lines = instances.map(({ distance }) => JSON.stringify({ 'request.time': TIME, distance }));
    const [file, rows, out] = ['tandem.yaml', 'rows.jsonl', 'out.parquet'].map((name) => join(folder, name));
    await writeFile(rows, lines.join('\n'));
    // Beside the running one, whose process a batch neither needs nor disturbs.
    const ran = await tandem('batch', file, '--model', 'all', '--instances', rows, '--out', out);
    // Of the other features one fails, which a batch tells as it does of a view.
    expect(ran.out).toContain('300 values of whole could not be read');
    expect(ran.exit).toBe(1);
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create()).connect();
    const read = await connection.runAndReadAll(`SELECT rush, rush_of_twice FROM '${out}'`);
    const columns = read.getColumnsJS();
    expect(columns[0]).toEqual(rush.values);
    expect(columns[1]).toEqual(rush_of_twice.values);
  }, 120_000);

  it('is called with numbers of every type, null as NaN, and once for a request', async () => {
    const { given, rows, later, whole } = await featuresOf([
      { flag: true, count: 3, distance: 4 },
      { flag: false, count: 0, distance: null },
      { flag: null, count: 5, distance: -7 },
    ]);
    expect(given.values).toEqual([131, 1, null]);
    expect(rows.values).toEqual([1, 1, 1]);
    expect(whole.values).toEqual([4, null, -7]);
    expect(later.values).toEqual([1_704_621_600.75, 1_704_621_600.75, 1_704_621_600.75]);
  });

  it('gives and takes any text, and null as None', async () => {
    const texts = ['', '=', 'AA', 'zürich ✈', 'a\0b\0', null, ' ', 'x'.repeat(1000)];
    const { shout } = await featuresOf(texts.map((carrier) => ({ carrier })));
    expect(shout.values).toEqual(texts.map((text) => (text === null ? 'nothing' : `${text}!`)));
    expect(shout.statuses[5]).toBe('NULL_VALUE');
  });

  it('is made with all others of its level in one message', async () => {
    const counters = ['tandem_wrapper_messages_total', 'tandem_wrapper_parts_total'];
    const before = await Promise.all(counters.map(counted));
    await featuresOf([{ distance: 1.5 }, { distance: 2 }]);
    // Level 0 with a row an instance, level 0 with one row, and the function that reads what they gave.
    const after = await Promise.all(counters.map(counted));
    expect(after.map((count, at) => count - before[at])).toEqual([3, 3]);
  });

  it('is never of another request’s rows', async () => {
    const answers = await Promise.all(
      Array.from(Array(64).keys(), async (call) => {
        const instances = Array.from({ length: 1 + (call % 7) }, (_, row) => ({
          // One call in four fails one function, for itself alone.
          distance: (call % 4 === 0 ? 2e9 : 1000) + call * 10 + row,
          carrier: `${call}/${row}`,
        }));
        return { instances, features: await featuresOf(instances) };
      }),
    );
    for (const { instances, features } of answers) {
      const { rush, shout, picky } = features;
      const isFailed = instances[0].distance > 1e9;
      expect(picky.values).toEqual(instances.map(({ distance }) => (isFailed ? 7.5 : distance)));
      expect(rush.values).toEqual(instances.map(({ distance }) => distance * 10 + distance / 3));
      expect(shout.values).toEqual(instances.map(({ carrier }) => `${carrier}!`));
    }
  });

  it('is what the caller sends where it may, and the function has the rest', async () => {
    const instances = [{ distance: 3, rush: 1 }, { distance: 3 }];
    const { rush, twice } = await featuresOf(instances);
    expect(rush.values).toEqual([1, 31]);
    expect(rush.sources).toEqual(['request', 'compute']);
    expect(twice.values).toEqual([2, 62]);
  });

  it('is not made for who drops it, and then nothing is told of it', async () => {
    const body = { request: { time: TIME }, instances: [{ distance: 2e9 }], parameters: { drop: ['picky', 'leaves'] } };
    const { json } = await ask(http, { path: '/v1/models/all:features', body });
    const { features, degraded } = json as unknown as Features;
    const dropped = features.filter(({ name }) => ['picky', 'leaves'].includes(name));
    expect(dropped.map(({ statuses }) => statuses)).toEqual([['NULL_VALUE'], ['NULL_VALUE']]);
    expect(degraded).toBeUndefined();
  });
});

describe('what is said of a function', () => {
  it('is its place in the plan, and its time in an answer that is taken apart', async () => {
    const [file, request] = ['tandem.yaml', 'request.json'].map((name) => join(folder, name));
    await writeFile(request, JSON.stringify({ request: { time: TIME }, instances: [{ distance: 3 }] }));
    const { out: plan } = await tandem('explain', file);
    expect(plan).toContain('call Python, one message');
    expect(plan).toMatch(
      /picky +per object +double +\.\/features\.py:picky +distance: instance\.distance +on error default 7\.5/,
    );
    const flags = ['--model', 'all', '--state-dir', join(folder, 'state')];
    const { out } = await tandem('explain', file, '--analyze', '--json', '--request', request, ...flags);
    const { steps, instances } = JSON.parse(out) as Analysis;
    expect(steps).toContainEqual({
      level: 0,
      kind: 'call',
      name: 'rush',
      keys: null,
      ms: expect.any(Number) as number,
    });
    expect(instances[0].features).toContainEqual(expect.objectContaining({ name: 'rush', value: 31 }));
  });
});

describe('a function that fails', () => {
  it('fails alone, has its default, and is told', async () => {
    const { picky, leaves, rush, told } = await featuresOf([{ distance: 2e9 }, { distance: 3 }]);
    expect(picky).toMatchObject({ values: [7.5, 7.5], statuses: ['ERROR', 'ERROR'], sources: ['default', 'default'] });
    expect(leaves).toMatchObject({ values: [null, null], statuses: ['ERROR', 'ERROR'], sources: ['none', 'none'] });
    expect(rush.values[1]).toBe(31);
    expect(told.degraded).toEqual([
      { view: 'picky', status: 'ERROR', source: 'default', count: 2 },
      { view: 'leaves', status: 'ERROR', source: 'none', count: 2 },
    ]);
  });

  const shapes: [returned: string, first: number, values: (number | null)[], status: string][] = [
    ['a value too many', 1, [null, null, null], 'ERROR'],
    ['texts for numbers', 2, [null, null, null], 'ERROR'],
    ['nothing', 3, [null, null, null], 'ERROR'],
    ['one number', 4, [null, null, null], 'ERROR'],
    ['infinities and NaN', 5, [null, null, null], 'NULL_VALUE'],
    ['None in a list', 6, [6, null, 1], 'PRESENT'],
    ['a masked array', 7, [7, null, 7], 'PRESENT'],
    ['two columns', 8, [null, null, null], 'ERROR'],
    ['bytes', 9, [null, null, null], 'ERROR'],
  ];
  it.each(shapes)('returned %s', async (_, first, values, status) => {
    const { shape } = await featuresOf([{ distance: first }, { distance: 0 }, { distance: 0 }]);
    expect(shape.values).toEqual(values);
    expect(shape.statuses[0]).toBe(status);
  });

  it('is not called for who sends what it is for, and fails the call by `onError: fail` else', async () => {
    const failed = await asked('hangs', [{ distance: 2e6 }]);
    expect(failed).toMatchObject({
      status: 503,
      json: { code: 'FEATURE_UNAVAILABLE', error: 'The feature "pause" is not available (ERROR).' },
    });
    const sent = await asked('hangs', [{ distance: 2e6, outer: 5 }]);
    expect(sent).toMatchObject({ status: 200, json: { features: [{ values: [5], sources: ['request'] }] } });
  });

  it('gave a fraction for an int64', async () => {
    const { whole } = await featuresOf([{ distance: 1.5 }]);
    expect(whole.statuses).toEqual(['ERROR']);
  });
});

describe('the process of the functions', () => {
  it('is told of a caller who has left', async () => {
    const heldUp = join(folder, 'held-up');
    await writeFile(heldUp, '');
    const sent = await counted('tandem_wrapper_messages_total');
    const given = await counted('tandem_wrapper_abandoned_parts_total');
    const leave = new AbortController();
    const body = { request: { time: TIME }, instances: [{ distance: 5e6 }] };
    const left = ask(http, { path: '/v1/models/all:features', body, signal: leave.signal });
    const gone = left.catch((error: unknown) => error);
    const startedMs = performance.now();
    await vi.waitUntil(async () => (await counted('tandem_wrapper_messages_total')) > sent, { timeout: 5000 });
    leave.abort();
    expect(await gone).toBeInstanceOf(Error);
    await vi.waitUntil(async () => (await counted('tandem_wrapper_abandoned_parts_total')) > given, { timeout: 5000 });
    // Two thirds of 10 s later the call would have been given up anyway.
    expect(performance.now() - startedMs).toBeLessThan(6000);
    await rm(heldUp);
    expect((await featuresOf([{ distance: 5e6 }])).whole.values).toEqual([5e6]);
  });

  it('is started again when it is killed under calls, which are right or say that they are not', async () => {
    const pidOf = async (): Promise<number> => Number((await featuresOf([{ distance: 1 }])).process.values[0]);
    const first = await pidOf();
    const seen = { right: 0, told: 0, wrong: 0 };
    const end = performance.now() + 20_000;
    const call = async (): Promise<void> => {
      for (let isBack = false; !isBack && performance.now() < end;) {
        const { rush, process: pid, told } = await featuresOf([{ distance: 3 }]);
        const isRight = rush.statuses[0] === 'PRESENT' && rush.values[0] === 31;
        const isFailed = rush.statuses[0] === 'ERROR' && rush.values[0] === null;
        const isTold = isFailed && told.degraded?.some(({ view }) => view === 'rush') === true;
        seen[isRight ? 'right' : isTold ? 'told' : 'wrong']++;
        isBack = pid.statuses[0] === 'PRESENT' && pid.values[0] !== first;
      }
    };
    const callers = Array.from({ length: 8 }, call);
    process.kill(first, 'SIGKILL');
    await Promise.all(callers);
    expect(await pidOf()).not.toBe(first);
    expect(seen).toEqual({ right: expect.any(Number) as number, told: expect.any(Number) as number, wrong: 0 });
    expect(Math.min(seen.right, seen.told)).toBeGreaterThan(0);
  });

  it('is given up at the features’ deadline where a function hangs, and started again', async () => {
    const pause = (distance: number): Promise<Told> => asked('hangs', [{ distance }]);
    expect((await pause(5)).status).toBe(200);
    const startedMs = performance.now();
    const hung = await pause(1e6);
    expect(performance.now() - startedMs).toBeLessThan(3000);
    expect(hung).toMatchObject({
      status: 503,
      json: { code: 'FEATURE_UNAVAILABLE', error: 'The feature "pause" is not available (TIMEOUT).' },
    });
    // It is back when it answers: nothing tells a caller before.
    const back = await vi.waitUntil(
      async () => {
        const told = await pause(5);
        return told.status === 200 && told.json;
      },
      { timeout: 20_000 },
    );
    expect(back).toMatchObject({ features: [{ values: [6] }] });
  });
});
