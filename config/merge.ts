import { isJsonObject } from '../foundation/json-object.ts';
import { keyPlaceOf, placeOf, type Entry } from './places.ts';
import type { Problems } from './problems.ts';
import type { Tree } from './tree.ts';

/** The sections that an included file shares. */
export const SHARED = ['stores', 'services', 'views', 'onDemand'] as const;

/**
 * `over` laid over `base`, in place: maps are merged key by key, all else is replaced. So is a store by one of another
 * type, which has none of its keys: `stores: { online: { type: redis, … } }` is a whole store.
 */
export function overlay(base: Tree, over: Tree, path: readonly string[] = []): Tree {
  if (!isJsonObject(base.data) || !isJsonObject(over.data)) return over;
  const isStore = path.length === 2 && path[0] === 'stores';
  if (isStore && over.data['type'] !== undefined && over.data['type'] !== base.data['type']) return over;
  for (const [name, data] of Object.entries(over.data)) {
    const entry = over.entry.below?.get(name);
    if (!entry) continue;
    const own = base.entry.below?.get(name);
    const inner = { data, entry };
    const merged = own ? overlay({ data: base.data[name], entry: own }, inner, [...path, name]) : inner;
    base.data[name] = merged.data;
    base.entry.below?.set(name, merged.entry);
  }
  return base;
}

/** The shared names of an included file added to those of `into`, in place. A name twice is told with both places. */
export function addShared(into: Tree, included: Tree, problems: Problems): void {
  if (!isJsonObject(into.data) || !isJsonObject(included.data)) return;
  for (const [section, names] of Object.entries(included.data)) {
    const entry = included.entry.below?.get(section);
    if (!entry) continue;
    if (!isShared(section)) {
      if (section !== 'include') {
        const text = `an included file shares ${SHARED.map((name) => `\`${name}\``).join(', ')}; \`${section}\` stands in the main file`;
        problems.add(keyPlaceOf(entry), 'INCLUDE_KEY', text);
      }
      continue;
    }
    const own = into.entry.below?.get(section);
    if (!own) {
      into.data[section] = names;
      into.entry.below?.set(section, entry);
      continue;
    }
    addNames({ data: into.data[section], entry: own }, { data: names, entry }, problems);
  }
}

function addNames(into: Tree, names: Tree, problems: Problems): void {
  if (!isJsonObject(into.data)) return;
  if (!isJsonObject(names.data)) {
    if (names.data !== undefined)
      problems.add(placeOf(names.entry), 'WRONG_TYPE', 'this must be a map, as its section is');
    return;
  }
  for (const [name, entry] of names.entry.below ?? []) {
    const first = into.entry.below?.get(name);
    if (first)
      problems.add(keyPlaceOf(entry), 'INCLUDE_DUPLICATE', `\`${name}\` is defined already, at ${shown(first)}`);
    else {
      into.data[name] = names.data[name];
      into.entry.below?.set(name, entry);
    }
  }
}

function isShared(section: string): boolean {
  return (SHARED as readonly string[]).includes(section);
}

function shown(entry: Entry): string {
  const { file, line, column } = keyPlaceOf(entry);
  return `${file}:${line}:${column}`;
}
