import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseRequest } from '../../cli/analyze.ts';
import { explainCommand } from '../../cli/explain.ts';
import { loadConfig } from '../../config/load.ts';
import { compilePlan } from '../../orchestrator/plan/compile-plan.ts';
import { describePlan } from '../../orchestrator/plan/describe.ts';
import { FUNCTIONS_YAML, SERVICES_YAML, STORES_YAML } from '../orchestrator/plan/described.ts';
import { checkedOf } from '../orchestrator/planted.ts';
import { codeOf, readPages, ROOT, tableRows } from './markdown.ts';

const page = (await readPages()).find(({ file }) => file.endsWith('explain.md'))!;
const EXAMPLE = join(ROOT, 'examples/flights/tandem.yaml');
const REQUEST = join(ROOT, 'examples/flights/request.json');
/** Maps whose keys are names of the YAML. */
const NAMED = new Set(['key', 'args', 'fields', 'defaults', 'outputs']);

/** The keys of each object of a JSON value, by the path that leads to it. */
function shapeOf(value: unknown, path = 'the whole', shape = new Map<string, Set<string>>()): Map<string, Set<string>> {
  if (Array.isArray(value)) for (const item of value) shapeOf(item, `${path}[]`, shape);
  else if (typeof value === 'object' && value !== null) {
    shape.set(path, new Set([...(shape.get(path) ?? []), ...Object.keys(value)]));
    for (const [key, inner] of Object.entries(value)) {
      if (!NAMED.has(key)) shapeOf(inner, path === 'the whole' ? key : `${path}.${key}`, shape);
    }
  }
  return shape;
}

function plainShape(shape: ReadonlyMap<string, ReadonlySet<string>>): Record<string, string[]> {
  return Object.fromEntries(Array.from(shape, ([path, keys]) => [path, [...keys]]));
}

function listedShape(head: string): Record<string, string[]> {
  return Object.fromEntries(
    tableRows(page, head, 'keys').map(([path, keys]) => [codeOf(path), codeOf(keys).split(' ')]),
  );
}

describe('docs/explain.md has', () => {
  test('every key of the JSON, and no other', () => {
    const overriding = STORES_YAML.replace('stores:', 'overrides: [plane.seats]\nstores:');
    const descriptions = [overriding, SERVICES_YAML, FUNCTIONS_YAML].map((yaml) => {
      const checked = checkedOf(yaml);
      return describePlan(compilePlan(checked), checked);
    });
    const shape = new Map<string, Set<string>>();
    for (const description of descriptions) shapeOf(description, 'the whole', shape);
    expect(listedShape('object')).toEqual(plainShape(shape));
  });

  test('every key of the JSON of an analysis, and no other', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'tandem-explain-'));
    const { request, instances } = JSON.parse(await readFile(REQUEST, 'utf8')) as {
      request: object;
      instances: object[];
    };
    const file = join(stateDir, 'request.json');
    await writeFile(file, JSON.stringify({ request, instances: [{ ...instances[0], distance: 'far' }, instances[1]] }));
    const analysis = await analyseRequest(loadConfig(EXAMPLE, {}).checked!, {
      request: file,
      model: undefined,
      stateDir,
      rows: 2,
    });
    await rm(stateDir, { recursive: true });
    expect(listedShape('object of an analysis')).toEqual(plainShape(shapeOf(analysis)));
  });

  test('every flag', () => {
    const listed = tableRows(page, 'flag').map(([flag]) => /--[a-z-]+/.exec(flag)?.[0]);
    const known = explainCommand().options.map(({ long }) => long);
    expect(new Set(listed)).toEqual(new Set(known));
  });
});
