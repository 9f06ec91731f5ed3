import type { CheckedConfig } from '../../config/checked.ts';
import type { ViewConfig } from '../../config/schema.ts';
import { fieldsOfViews, type TableField } from '../../config/tables.ts';
import { AppError } from '../../foundation/errors.ts';
import { didYouMean } from '../../foundation/nearest.ts';

/** Where rows go, and what they are made of: the key's parts in order, and the fields that any view of the table reads. */
export interface Target {
  store: string;
  table: string;
  key: readonly TableField[];
  fields: readonly TableField[];
}

/**
 * The table that `name` means: the one its view reads, or the one of that name. Fields are those of every view of the
 * table, so that a row written for one view is whole for its sisters.
 */
export function findTarget(checked: CheckedConfig, name: string): Target {
  const { views } = checked.config;
  const view = Object.hasOwn(views, name) ? views[name] : undefined;
  const table = view ? tableOf(name, view) : name;
  if (view?.service !== undefined) {
    throw new AppError('INVALID_INPUT', `The view "${name}" reads the service "${view.service}", not a store.`);
  }
  const sisters = Object.entries(views).filter(
    ([sister, config]) =>
      config.service === undefined && tableOf(sister, config) === table && (!view || config.store === view.store),
  );
  const [first] = sisters;
  if (!first) throw unknownName(checked, name);
  const [firstName, firstConfig] = first;
  const other = sisters.find(([, config]) => config.store !== firstConfig.store);
  if (other) {
    throw new AppError(
      'INVALID_INPUT',
      `Two stores have a table "${table}": name the view ${firstName} or ${other[0]}.`,
    );
  }
  const key = view
    ? keyOf(checked, name)
    : commonKey(
        checked,
        table,
        sisters.map(([sister]) => sister),
      );
  return { store: firstConfig.store!, table, key, fields: fieldsOf(table, sisters) };
}

/** The table that a view reads. */
export function tableOf(name: string, view: ViewConfig): string {
  return view.table ?? name;
}

function keyOf(checked: CheckedConfig, view: string): TableField[] {
  return (checked.keys.get(view) ?? []).map(({ part, expression }) => ({ name: part, type: expression.type }));
}

function commonKey(checked: CheckedConfig, table: string, views: readonly string[]): TableField[] {
  const keys = views.map((view) => keyOf(checked, view));
  const [first = []] = keys;
  if (keys.some((key) => JSON.stringify(key) !== JSON.stringify(first))) {
    const message = `The views of table "${table}" name its key differently: name one of ${views.join(', ')}.`;
    throw new AppError('INVALID_INPUT', message);
  }
  return first;
}

/** The fields of a table: those of all of these views. Throws INVALID_INPUT where one has two types. */
export function fieldsOf(table: string, views: readonly (readonly [string, ViewConfig])[]): TableField[] {
  return fieldsOfViews(
    views.map(([, view]) => view),
    (field, type, other) => {
      const message = `Views of table "${table}" read its field "${field}" as ${type} and as ${other}: a row has one.`;
      throw new AppError('INVALID_INPUT', message);
    },
  );
}

function unknownName(checked: CheckedConfig, name: string): AppError {
  const { views } = checked.config;
  const names = Object.entries(views).flatMap(([view, config]) => [view, tableOf(view, config)]);
  return new AppError('INVALID_INPUT', `"${name}" is no view and no table${didYouMean(name, names)}.`);
}
