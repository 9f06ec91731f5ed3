import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyseRequest } from '../../cli/analyze.ts';
import type { Analysis } from '../../cli/analysis.ts';
import { loadConfig } from '../../config/load.ts';
import { startDev, type Dev } from '../e2e/start-dev.ts';
import { tandem } from './tandem.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FILE = join(ROOT, 'examples/flights/tandem.yaml');
const REQUEST = join(ROOT, 'examples/flights/request.json');

interface Features {
  features: { name: string; values: unknown[]; statuses: string[]; sources: string[]; agesMs?: (number | null)[] }[];
  degraded: unknown;
}

let folder: string;
let stateDir: string;
let dev: Dev;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-analyze-'));
  stateDir = join(folder, 'state');
  dev = await startDev(FILE, stateDir);
});
afterAll(async () => {
  await dev.stop();
  await rm(folder, { recursive: true });
});

function analyse(request: string, rows = 3): Promise<Analysis> {
  const { checked } = loadConfig(FILE, dev.environment);
  return analyseRequest(checked!, { request, model: undefined, stateDir, rows });
}

async function ask(route: string, body: string): Promise<unknown> {
  const response = await fetch(`${dev.http}/v1/models/delay-risk:${route}`, { method: 'POST', body });
  return response.json();
}

async function requestFile(body: unknown): Promise<string> {
  const file = join(folder, 'request.json');
  await writeFile(file, typeof body === 'string' ? body : JSON.stringify(body));
  return file;
}

describe('explain --analyze', () => {
  it('has each value as the server’s :features has it, and its predictions where the model runs', async () => {
    const body = await readFile(REQUEST, 'utf8');
    const { instances, degraded, notAsked, rows } = await analyse(REQUEST, 5);
    const { features, degraded: served } = (await ask('features', body)) as Features;
    expect({ degraded, notAsked, rows }).toEqual({ degraded: served, notAsked: null, rows: 5 });
    for (const [row, instance] of instances.entries()) {
      expect(
        instance.features.map(({ name, value, status, source, ageMs }) => [name, value, status, source, ageMs]),
      ).toEqual(
        features.map(({ name, values, statuses, sources, agesMs }) => [
          name,
          values[row],
          statuses[row],
          sources[row],
          agesMs?.[row] ?? null,
        ]),
      );
    }
    const { predictions } = (await ask('predict', body)) as { predictions: number[] };
    expect(instances.map(({ outputs }) => Object.values(outputs))).toEqual(predictions.map((value) => [value]));
  });

  it('times each step of the DAG, with the keys that objects did not share', async () => {
    const { steps, instances } = await analyse(REQUEST);
    expect(steps.map(({ level, kind, name, keys }) => `${level} ${kind} ${name} ${keys}`)).toEqual([
      '0 compute hour null',
      '0 read plane 5',
      '0 read route 5',
      '0 read pulse 1',
      '0 read weather 2',
      '0 read dest_airport 5',
      '0 read home_airport 2',
      '1 compute plane_age null',
      '1 compute tz_shift null',
    ]);
    expect(steps.every(({ ms }) => ms !== null && ms >= 0)).toBe(true);
    const timeOf = new Map(steps.map(({ name, ms }) => [name, ms]));
    const told = Object.fromEntries(instances[0].features.map(({ name, timeMs }) => [name, timeMs]));
    expect(told).toMatchObject({
      'plane.seats': timeOf.get('plane'),
      plane_age: timeOf.get('plane_age'),
      'instance.distance': null,
    });
  });

  it('refuses a request in the server’s words', async () => {
    for (const body of [
      '{"instances": [',
      { instances: [] },
      { instanses: [] },
      { request: { time: 'noon' }, instances: [{ id: 'x' }] },
    ]) {
      const file = await requestFile(body);
      const refused = (await ask('features', await readFile(file, 'utf8'))) as { error: string; code: string };
      expect(refused.code).toBe('INVALID_INPUT');
      await expect(analyse(file)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: refused.error });
    }
  });

  it('tells of a bad instance beside the good ones', async () => {
    const { request, instances } = JSON.parse(await readFile(REQUEST, 'utf8')) as {
      request: object;
      instances: object[];
    };
    const file = await requestFile({ request, instances: [{ ...instances[0], distance: 'far' }, instances[1]] });
    const [bad, good] = (await analyse(file)).instances;
    expect(bad.error).toMatchObject({ code: 'INVALID_INPUT', error: expect.stringContaining('instances[0].distance') });
    expect(good.error).toBeNull();
  });

  it('prints tables of instances, steps and time, exits 1 with a sentence for a bad request, 2 without one', async () => {
    const flags = ['explain', FILE, '--analyze', '--state-dir', stateDir];
    const shown = await tandem(...flags, '--request', REQUEST, '--rows', '1');
    expect({ exit: shown.exit, err: shown.err }).toEqual({ exit: 0, err: '' });
    expect(shown.out).toMatch(/^model delay-risk: 5 instances, as of 2013-09-27T10:00:00Z\n\ninstance 0 {2}AA1175/);
    expect(shown.out).toMatch(/\n {2}plane.seats +150 +NOT_FOUND +default +[\d.]+ms\n/);
    expect(shown.out).toMatch(/\n {2}route.late_share +0.179\d+ +PRESENT +store +179d +[\d.]+ms\n/);
    expect(shown.out).toMatch(/\n {2}carrier +1 \(AA\) +PRESENT +request\n\n4 more: --rows 5\n/);
    expect(shown.out).toMatch(/\n {6}0 {2}read +weather +2 +[\d.]+ms\n/);
    expect(shown.out).toMatch(/\n {2}plane +NOT_FOUND +none +1 instance\n/);
    expect(shown.out).toMatch(/\n {2}model +[\d.]+ms +of 45.000ms\n {2}total +[\d.]+ms +of 150.000ms\n$/);

    const bad = await tandem(...flags, '--request', await requestFile('{}'));
    expect(bad).toEqual({ exit: 1, out: '', err: 'instances is required: a list of objects.\n' });
    const twice = await tandem(
      ...flags,
      '--request',
      await requestFile({ instances: [{}], request: { time: 1, at: 2 } }),
    );
    expect({ exit: twice.exit, out: twice.out }).toEqual({ exit: 1, out: '' });
    expect(twice.err).toMatch(
      /^request.time must be .*\nrequest.at is not an input\n(?:instances\[0\]\..*\n){6}request.time .* \(and 7 more\)\.\n$/,
    );
    const none = await tandem(...flags);
    expect({ exit: none.exit, out: none.out }).toEqual({ exit: 2, out: '' });
    expect(none.err).toContain("'--analyze' needs '--request <file>'");
  }, 20_000);
});

describe('explain --analyze where no wrapper runs', () => {
  it('says that the model was not asked, and shows the features', async () => {
    const { checked } = loadConfig(FILE, {});
    const request = { request: REQUEST, model: 'delay-risk', stateDir: join(folder, 'empty'), rows: 1 };
    const { notAsked, instances } = await analyseRequest(checked!, request);
    expect(notAsked).toBe('The model is not running (tandem wrap): features only.');
    expect(instances[0].outputs).toEqual({});
    expect(instances[0].features.find(({ name }) => name === 'plane.seats')).toMatchObject({
      value: 150,
      status: 'NOT_FOUND',
      source: 'default',
    });
  });

  it('asks which model is meant where there is none of that name', async () => {
    const { checked } = loadConfig(FILE, {});
    const request = { request: REQUEST, model: 'delay-rsk', stateDir: join(folder, 'empty'), rows: 1 };
    await expect(analyseRequest(checked!, request)).rejects.toMatchObject({
      code: 'UNKNOWN_MODEL',
      message: 'There is no model of that name. Did you mean "delay-risk"?',
    });
  });
});
