import { describe, expect, test } from 'vitest';
import { explainCommand } from '../../cli/explain.ts';
import { compilePlan } from '../../orchestrator/plan/compile-plan.ts';
import { describePlan } from '../../orchestrator/plan/describe.ts';
import { SERVICES_YAML, STORES_YAML } from '../orchestrator/plan/described.ts';
import { checkedOf } from '../orchestrator/planted.ts';
import { codeOf, readPages, tableRows } from './markdown.ts';

const page = (await readPages()).find(({ file }) => file.endsWith('explain.md'))!;
/** Maps whose keys are names of the YAML. */
const NAMED = new Set(['key', 'fields', 'defaults']);

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

describe('docs/explain.md has', () => {
  test('every key of the JSON, and no other', () => {
    const listed = tableRows(page, 'object', 'keys').map(([path, keys]) => [codeOf(path), codeOf(keys).split(' ')]);
    const descriptions = [STORES_YAML, SERVICES_YAML].map((yaml) => {
      const checked = checkedOf(yaml);
      return describePlan(compilePlan(checked), checked);
    });
    const shape = new Map<string, Set<string>>();
    for (const description of descriptions) shapeOf(description, 'the whole', shape);
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(Array.from(shape, ([path, keys]) => [path, [...keys]])),
    );
  });

  test('every flag', () => {
    const listed = tableRows(page, 'flag').map(([flag]) => /--[a-z-]+/.exec(flag)?.[0]);
    const known = explainCommand().options.map(({ long }) => long);
    expect(new Set(listed)).toEqual(new Set(known));
  });
});
