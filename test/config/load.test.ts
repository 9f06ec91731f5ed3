import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckedConfig } from '../../config/checked.ts';
import { loadConfig, parseConfig } from '../../config/load.ts';
import { problemsOf, withBlocks } from './sound.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

function checked(text: string, environment: Record<string, string> = {}): CheckedConfig {
  const result = parseConfig(text, 'tandem.yaml', environment);
  if (!result.checked) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.checked;
}

test('a file is loaded with its folder, its types, its keys and its features', async () => {
  const file = join(folder, 'tandem.yaml');
  await writeFile(file, withBlocks());
  const { checked: config, problems } = loadConfig(file, {});
  expect(problems).toEqual([]);
  expect(config).toMatchObject({ file, folder });
  expect(config?.types.get('product.stock')).toBe('int64');
  expect(config?.types.get('twice')).toBe('double');
  expect(config?.keys.get('product')).toMatchObject([
    { part: 'id', expression: { bareName: 'instance.id', type: 'string' } },
  ]);
  expect(config?.onDemand.get('twice')?.reads).toEqual(['instance.price']);
  expect(config?.features.get('sales')?.map(({ from, type }) => [from, type])).toEqual([
    ['instance.price', 'double'],
    ['product.stock', 'int64'],
    ['twice', 'double'],
  ]);
  expect(config?.place(['views', 'product', 'store'])).toEqual({ file, line: 10, column: 21 });
  expect(config?.place(['views', 'product'])).toEqual({ file, line: 10, column: 3 });
  expect(config?.place(['views', 'product', 'maxAge'])).toEqual({ file, line: 10, column: 3 });
});

test('a file that is not there is a problem, not an exception', () => {
  const file = join(folder, 'absent.yaml');
  expect(loadConfig(file, {}).problems).toMatchObject([{ file, line: 1, column: 1, code: 'FILE_UNREADABLE' }]);
  expect(loadConfig(folder, {}).problems).toMatchObject([{ message: 'this is a folder; name the file in it' }]);
});

describe('environment', () => {
  const ports = withBlocks({ rest: 'server: { http: { port: "${PORT:-8181}" }, stateDir: "${DIR:-a}/b" }' });

  test('a substituted value takes the type of its key', () => {
    expect(checked(ports).config.server).toMatchObject({ http: { port: 8181 }, stateDir: 'a/b' });
    expect(checked(ports, { PORT: '0', DIR: '7' }).config.server).toMatchObject({ http: { port: 0 }, stateDir: '7/b' });
    const named = withBlocks({ head: 'version: ${V:-1}\nproject: ${PROJECT}' });
    expect(checked(named, { PROJECT: '2024' }).config).toMatchObject({ version: 1, project: '2024' });
  });

  test('a substituted default takes the type of its field', () => {
    const views =
      'views:\n  product: { store: online, key: { id: instance.id }, fields: { stock: int64, brand: string }, defaults: { stock: "${STOCK}", brand: "${STOCK}" }, required: "${MUST:-false}" }';
    expect(checked(withBlocks({ views }), { STOCK: '150' }).config.views['product']).toMatchObject({
      defaults: { stock: 150, brand: '150' },
      required: false,
    });
  });

  test('what a variable holds is neither YAML nor another variable', () => {
    const stateDir = withBlocks({ rest: 'server: { stateDir: "${DIR}" }' });
    for (const DIR of ['{ a: 1 }', '${PORT}', '*alias', 'a\nb: c', '# no comment']) {
      expect(checked(stateDir, { DIR }).config.server.stateDir).toBe(DIR);
    }
  });

  test('a value that its key refuses is told at the text that made it, without what the variable holds', () => {
    expect(parseConfig(ports, 'tandem.yaml', { PORT: 'http' }).problems).toMatchObject([
      {
        code: 'WRONG_TYPE',
        line: 15,
        column: 25,
        message: '`server.http.port` must be a number, is another text in the environment',
      },
    ]);
  });
});

test('an alias stands for the value above it', () => {
  const text = withBlocks({
    rest: 'server: { http: { host: &host 127.0.0.2 }, admin: { host: *host }, drain: { timeout: &ten 10s, delay: *ten } }',
  });
  expect(checked(text).config.server).toMatchObject({ admin: { host: '127.0.0.2' }, drain: { delay: 10_000 } });
});

test('the words of YAML 1.1 are strings, and a bare null is the policy', () => {
  const views =
    'views:\n  product: { store: online, key: { id: instance.id }, fields: { stock: int64, brand: string }, defaults: { brand: no }, onMissing: null, onError: ~ }';
  expect(checked(withBlocks({ views })).config.views['product']).toMatchObject({
    defaults: { brand: 'no' },
    onMissing: 'null',
    onError: 'null',
  });
});

/** The columns of problems with an on-demand feature's text, whose operand `nope` is at fault. */
function column(cel: string): number[] {
  return problemsOf(withBlocks({ onDemand: `onDemand:\n  twice:\n    type: double\n    cel: ${cel}` }))
    .filter(({ line }) => line === 14)
    .map((problem) => problem.column);
}

describe('a problem inside of a CEL text', () => {
  test('is told at the operand, in whatever quotes the text stands', () => {
    expect(column('1.0 + nope')).toEqual([16]);
    expect(column('"1.0 + nope"')).toEqual([17]);
    expect(column("'''a'' == ''b'' ? 1.0 : nope'")).toEqual([34]);
    expect(column(String.raw`"\"a\" == \"\x61\" ? 1.0 : nope"`)).toEqual([37]);
  });

  test('is told at the operand of a text of several lines too', () => {
    const places = (cel: string): string[] =>
      problemsOf(withBlocks({ onDemand: `onDemand:\n  twice:\n    type: double\n    cel: ${cel}` })).map(
        ({ line, column: at }) => `${line}:${at}`,
      );
    for (const sign of ['>-', '|', '>- # why']) expect(places(`${sign}\n      1.0\n\n      + nope`)).toEqual(['17:9']);
    expect(places('1.0\n      + nope\n      + 1.0')).toEqual(['15:9']);
    expect(places('>-\n      1.0 +\n')).toEqual(['15:12']);
    expect(places('"1.0\n      + nope"')).toEqual(['14:10']);
  });
});

test('names that every object has are names like any other', () => {
  const text = withBlocks({
    views:
      'views:\n  constructor: { store: online, key: { toString: instance.id }, fields: { valueOf: int64, brand: string }, defaults: { valueOf: 1 } }',
    models: 'models:\n  hasOwnProperty: { features: [constructor.valueOf, twice] }',
  });
  expect(checked(text).features.get('hasOwnProperty')?.[0]).toMatchObject({
    from: 'constructor.valueOf',
    type: 'int64',
  });
});
