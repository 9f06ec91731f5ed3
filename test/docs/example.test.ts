import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { open } from 'lmdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMetrics } from '../../foundation/telemetry/metrics.ts';
import { checkCommand } from './commands.ts';
import { explain, isExplanation, stable } from './explanation.ts';
import { codeOf, readPages, ROOT, tableRows, type Block } from './markdown.ts';
import { startExample, type RunningExample } from './running-example.ts';
import { commandsOf } from './shell.ts';

const run = promisify(execFile);
const pages = await readPages();
const pageOf = (name: string) => pages.find(({ file }) => file.endsWith(name))!;
/** A page that is walked in a folder of its own, block by block and in their order: test/package. */
const WALKED = 'docs/first-steps.md';
const blocks = pages.flatMap((page) => page.blocks);

let example: RunningExample;

beforeAll(async () => {
  example = await startExample();
});
afterAll(() => example.stop());

test('npm start is ready in seconds, and its curl line works as pasted', async () => {
  // 4 s on a machine of its own; other tests share this one.
  expect(example.readyMs).toBeLessThan(15_000);
  const { stdout } = await run('sh', ['-c', example.curl], { cwd: ROOT });
  const answer = JSON.parse(stdout) as { predictions: number[]; degraded: unknown };
  const request = JSON.parse(readFileSync(join(ROOT, 'examples/flights/request.json'), 'utf8')) as {
    instances: unknown[];
  };
  expect(answer.predictions).toHaveLength(request.instances.length);
  expect(answer.predictions.every(Number.isFinite)).toBe(true);

  const shown = JSON.parse(pageOf('README.md').blocks.find(({ language }) => language === 'json')!.text) as {
    predictions: number[];
    degraded: unknown;
  };
  expect(answer.predictions.map((value) => Number(value.toFixed(4)))).toEqual(shown.predictions);
  expect(answer.degraded).toEqual(shown.degraded);
});

describe('every command of the pages works', () => {
  const shell = blocks.filter(({ language, file }) => language === 'sh' && file !== WALKED);
  const commands = shell.flatMap(({ place, text }) => commandsOf(text).map((command) => `${place} ${command}`));
  test.each(commands)('%s', (named) =>
    expect(checkCommand(named.slice(named.indexOf(' ') + 1), example)).resolves.toBeUndefined(),
  );
});

describe('every request of the pages has the answer beneath it', () => {
  const asked = blocks.flatMap((block, at) => {
    const path = /^POST (\S+)$/.exec(block.mark ?? '')?.[1];
    return path === undefined ? [] : [{ place: block.place, path, request: block, answer: blocks[at + 1] }];
  });
  test.each(asked)('$place', async ({ path, request, answer }) => {
    const at = path === '/push' ? example.admin : example.http;
    const response = await fetch(`http://${at}${path}`, { method: 'POST', body: request.text });
    expect({ mark: `answer ${response.status}`, body: parseRounded(await response.text()) }).toEqual({
      mark: answer.mark,
      body: parseRounded(answer.text),
    });
  });
});

describe('every explanation of the pages is what is printed', () => {
  const shown = blocks.filter(isExplanation);
  test.each(shown.map((block) => [block.place, block] as const))('%s', async (_, { mark, text }) => {
    expect(stable(await explain(mark!, example))).toBe(stable(text));
  });
});

test('the rows of docs/data.md are in the store, byte for byte', () => {
  const { text } = blocks.find(({ mark }) => mark === "rows of the example's store")!;
  const store = open<Buffer, Buffer>({
    path: join(example.stateDir, 'flights'),
    encoding: 'binary',
    keyEncoding: 'binary',
    noSubdir: false,
    readOnly: true,
  });
  const shown = text.split('\n').map((line) => line.split(/ +(?=\{)/));
  const found = shown.map(([key]) => [key, store.get(Buffer.from(key))?.toString()]);
  expect(found).toEqual(shown);
  return store.close();
});

test('docs/serving.md lists every metric of a running app with its type and labels, and no other', async () => {
  const scraped = await (await fetch(`http://${example.admin}/metrics`)).text();
  const declared = new Map(
    createMetrics()
      .registry.getMetricsAsArray()
      .map((metric) => [metric.name, metric]),
  );
  const running = [...scraped.matchAll(/^# TYPE (tandem_\w+) (\w+)$/gm)].map(([, name, type]) => {
    const sample = new RegExp(`^${name}(?:_count)?\\{(.*)\\}`, 'm').exec(scraped)?.[1];
    const known = declared.get(name) as { labelNames?: string[] } | undefined;
    const labels =
      sample === undefined ? (known?.labelNames ?? []) : Array.from(sample.matchAll(/(\w+)="/g), ([, label]) => label);
    return [name, type, [...labels].map((label) => `\`${label}\``).join(', ')];
  });
  const listed = tableRows(pageOf('serving.md'), 'metric').map(([name, type, labels]) => [codeOf(name), type, labels]);
  expect(new Set(listed)).toEqual(new Set(running));
  expect(listed).toHaveLength(running.length);
});

describe('what the evaluation takes for a view without a row is what callers get who drop the view', () => {
  const { 'what a view is worth': worth } = JSON.parse(
    readFileSync(join(ROOT, 'examples/flights/model/evaluation.json'), 'utf8'),
  ) as { 'what a view is worth': Record<string, { 'as a missing row': Record<string, number | null> }> };
  const { 'all of them': all, ...views } = worth;
  const request = JSON.parse(readFileSync(join(ROOT, 'examples/flights/request.json'), 'utf8')) as {
    instances: unknown[];
  };
  const gather = async (drop: string[]): Promise<Record<string, unknown[]>> => {
    const url = `http://${example.http}/v1/models/delay-risk:features`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify({ ...request, parameters: { drop } }) });
    const { features } = (await response.json()) as { features: { name: string; values: unknown[] }[] };
    return Object.fromEntries(features.map(({ name, values }) => [name, values]));
  };

  test.each([...Object.entries(views), [Object.keys(views).join(', '), all] as const])('%s', async (names, row) => {
    const missing = Object.entries(row['as a missing row']).map(
      ([feature, value]) => [feature, request.instances.map(() => value)] as const,
    );
    expect(await gather(names.split(', ').map((view) => `${view}.*`))).toEqual({
      ...(await gather([])),
      ...Object.fromEntries(missing),
    });
  });
});

describe('every block has a check', () => {
  test.each(blocks.map((block) => [block.place, block] as const))('%s', (_, block) =>
    expect(hasCheck(block)).toBe(true),
  );
});

/** Another processor may sum a tree's leaves in another order: the sixth digit is not held. */
function parseRounded(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(5)) : value));
}

/** Shell, YAML and TypeScript are held here and in the files beside this one; the rest by what it says it is. */
function hasCheck(block: Block): boolean {
  const { language, text, mark, file } = block;
  if (file === WALKED || isExplanation(block)) return true;
  switch (language) {
    case 'sh':
    case 'yaml':
    case 'ts':
      return true;
    case 'python':
      return file === 'docs/python.md' || mark === 'run by npm run interop';
    case 'json':
      return file === 'README.md' || /^(?:POST \S+|answer \d+)$/.test(mark ?? '');
    case 'text':
      return mark === "rows of the example's store" || (mark ?? '').startsWith('tandem ') || text.includes('───');
    default:
      return false;
  }
}
