import type { CheckedConfig } from '../../../config/checked.ts';
import type { StoreConfig, ViewConfig } from '../../../config/schema.ts';
import { changed, type Change, type Comparer } from './change.ts';
import { compareSetting } from './settings.ts';

/** A named thing that nobody but the file itself refers to: what reads it is compared where it does. */
export const comparePresence: Comparer = ({ before, after }, path) => {
  const [section, name] = path as ['views' | 'onDemand' | 'services' | 'stores', string];
  const [old, now] = [before, after].map(({ config }) => Object.hasOwn(config[section], name));
  if (old && now) return undefined;
  return [changed(path, undefined, now ? 'added' : 'removed')];
};

/** Where a view's rows come from: told once, by the first of these keys that has changed. */
const ORIGIN_KEYS = ['store', 'table', 'service'] as const;

export const compareOrigin: Comparer = ({ before, after }, path) => {
  const [, name, key] = path as [string, string, string];
  const [old, now] = [viewOf(before, name), viewOf(after, name)];
  const [from, to] = [originOf(name, old), originOf(name, now)];
  if (from === to || ORIGIN_KEYS.find((each) => old[each] !== now[each]) !== key) return [];
  const isStored = now.service === undefined;
  const place = ['views', name, isStored ? key : 'service'];
  return [changed(place, isStored ? 'rows' : undefined, `read from ${to}, till now from ${from}`)];
};

/** The parts of a row's key. Their order, number and types are in the keys of the rows; names and expressions are not. */
export const compareKey: Comparer = ({ before, after }, path) => {
  const view = path[1] ?? '';
  const [old, now] = [before.keys.get(view) ?? [], after.keys.get(view) ?? []];
  const breaks = viewOf(after, view).service === undefined ? ('rows' as const) : undefined;
  const [oldNames, names] = [old, now].map((parts) => parts.map(({ part }) => part));
  const isReordered = oldNames.length === names.length && oldNames.every((name) => names.includes(name));
  const changes: Change[] = [];
  if (oldNames.join() !== names.join()) {
    // A part of another name at the same place has the same rows; files that are ingested must have its column.
    const isRenamed = oldNames.length === names.length && !isReordered;
    const how = isRenamed ? 'the parts of the key have other names' : 'the key is made of other parts';
    changes.push(changed(path, isRenamed ? undefined : breaks, `${how}: ${oldNames.join(', ')} → ${names.join(', ')}`));
  }
  for (const { part, expression } of now) {
    const same = old.find((each) => each.part === part)?.expression;
    if (same === undefined) continue;
    const place = [...path, part];
    if (same.type !== expression.type) {
      changes.push(changed(place, breaks, `key part \`${part}\`: ${same.type} → ${expression.type}`));
    }
    if (same.text !== expression.text) {
      changes.push(changed(place, undefined, `key part \`${part}\`: ${same.text} → ${expression.text}`));
    }
  }
  return changes;
};

/** One field of a view, as its rows hold it. */
export const compareField: Comparer = ({ before, after }, path) => {
  const [, view, , field] = path as [string, string, string, string];
  const [old, now] = [before, after].map((side) => {
    const { fields } = viewOf(side, view);
    return Object.hasOwn(fields, field) ? fields[field] : undefined;
  });
  const isStored = viewOf(after, view).service === undefined;
  if (old === undefined && now !== undefined) {
    const hint = isStored ? ', null in rows that were written before' : '';
    return [changed(path, undefined, `field \`${field}\` added, ${now.type}${hint}`)];
  }
  if (old === undefined || now === undefined) return [changed(path, undefined, `field \`${field}\` removed`)];
  const changes: Change[] = [];
  if (old.type !== now.type) {
    changes.push(changed(path, isStored ? 'rows' : undefined, `field \`${field}\`: ${old.type} → ${now.type}`));
  }
  return old.at === now.at ? changes : [...changes, ...compareSetting([...path, 'at'], old.at, now.at)];
};

/** The folder of a store; by default its name. */
export const compareStorePath: Comparer = ({ before, after }, path) => {
  const name = path[1] ?? '';
  const [old, now] = [before, after].map(({ config }) => folderOf(name, config.stores[name]));
  return old === now ? [] : compareSetting(path, old, now, 'rows', 'rows that were written are not there');
};

function folderOf(name: string, store: StoreConfig): string | undefined {
  return store.type === 'lmdb' ? (store.path ?? name) : undefined;
}

/** The walk looks below a view only where both sides have it. */
function viewOf({ config }: CheckedConfig, name: string): ViewConfig {
  return config.views[name];
}

function originOf(name: string, { store, table = name, service }: ViewConfig): string {
  return service === undefined ? `${store}/${table}` : `the service ${service}`;
}
