import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { jsonSchema, readReference } from '../../config/json-schema.ts';
import { allKeyPaths } from '../../config/known-keys.ts';

type Schema = Parameters<typeof z.fromJSONSchema>[0] & { [key: string]: unknown };

const text = readFileSync(new URL('../../config/schema.json', import.meta.url), 'utf8');
const schema = JSON.parse(text) as Schema;
const validator = z.fromJSONSchema(schema);
const example = readFileSync(new URL('../../examples/flights/tandem.yaml', import.meta.url), 'utf8');

/** Every property of the schema, by its path in which `*` is a name or an index. */
function properties(of: unknown, path = ''): { path: string; property: Record<string, unknown> }[] {
  if (typeof of !== 'object' || of === null) return [];
  const { properties: own = {}, additionalProperties, items, anyOf = [] } = of as Record<string, object>;
  const below = Object.entries(own as Record<string, Record<string, unknown>>).flatMap(([name, property]) => {
    const here = path === '' ? name : `${path}.${name}`;
    return [{ path: here, property }, ...properties(property, here)];
  });
  const inside = [additionalProperties, items].flatMap((each) => properties(each, `${path}.*`));
  return [...below, ...inside, ...(anyOf as unknown[]).flatMap((option) => properties(option, path))];
}

test('schema.json is what the schema and the reference make; `npm run schema` writes it', () => {
  expect(schema).toEqual(JSON.parse(JSON.stringify(jsonSchema(readReference()))));
});

test('schema.json has every key, each with a description', () => {
  const all = properties(schema);
  expect(new Set(all.map(({ path }) => path))).toEqual(new Set(allKeyPaths()));
  expect(all.filter(({ property }) => property['description'] === undefined).map(({ path }) => path)).toEqual([]);
});

test('a default of the schema is the one that the comment tells', () => {
  const told = properties(schema).filter(({ property }) => property['default'] !== undefined);
  expect(told.length).toBeGreaterThan(20);
  const differing = told.filter(({ property }) => {
    const comment = String(property['description']);
    const value = JSON.stringify(property['default']).replace(/^"(.*)"$/, '$1');
    const shown = value === '' ? "''" : value;
    return !new RegExp(`Default '?${shown.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}'?[.,;:\\s]`).test(`${comment} `);
  });
  expect(differing.map(({ path, property }) => `${path}: ${JSON.stringify(property['default'])}`)).toEqual([]);
});

test('a key that is required says so, and no other does', () => {
  const required = (of: unknown, path = ''): string[] => {
    if (typeof of !== 'object' || of === null) return [];
    const {
      required: own = [],
      properties: below = {},
      additionalProperties,
      items,
      anyOf = [],
    } = of as Record<string, object>;
    return [
      ...(own as string[]).map((name) => (path === '' ? name : `${path}.${name}`)),
      ...Object.entries(below).flatMap(([name, each]) => required(each, path === '' ? name : `${path}.${name}`)),
      ...[additionalProperties, items].flatMap((each) => required(each, `${path}.*`)),
      ...(anyOf as unknown[]).flatMap((each) => required(each, path)),
    ];
  };
  const said = properties(schema).filter(({ property }) => String(property['description']).endsWith('Required.'));
  expect(new Set(said.map(({ path }) => path))).toEqual(new Set(required(schema)));
});

test('an editor finds nothing wrong in the reference and the example, and a typo in each place of a broken one', () => {
  for (const sound of [readReference(), example])
    expect(validator.safeParse(parse(sound)).error?.issues).toBeUndefined();
  for (const [before, after] of [
    ['maxAge: 30d', 'maxage: 30d'],
    ['deadline: 150ms', 'deadline: 150'],
    ['deadline: 150ms', 'deadline: 150 ms'],
    ['nulls: keep', 'nulls: kept'],
    ['port: 8080', 'port: 80800'],
    ['type: lmdb', 'type: rocksdb'],
  ] as const) {
    const broken = readReference().replace(before, after);
    expect(broken).not.toBe(readReference());
    expect([after, validator.safeParse(parse(broken)).success]).toEqual([after, false]);
  }
});

test('any value of a scalar may come from the environment', () => {
  const reference = readReference()
    .replace('port: 8080', 'port: ${PORT:-8080}')
    .replace('level: info', 'level: ${LEVEL:-info}')
    .replace('partial: true', 'partial: ${PARTIAL:-true}')
    .replace('deadline: 150ms', 'deadline: ${DEADLINE:-150ms}');
  expect(validator.safeParse(parse(reference)).error?.issues).toBeUndefined();
});
