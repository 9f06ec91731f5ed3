import type { ScalarType } from '../cel/types.ts';
import type { CheckedConfig } from './checked.ts';
import type { Report } from './report.ts';
import type { Config, ViewConfig } from './schema.ts';

/**
 * Views of one table read the same rows: a row's key is made of the key parts in their order, and whoever writes the
 * table names its columns by the parts and fields. So the parts are equal, in order and type, and so are shared fields.
 */
export function checkTables(config: Config, keys: CheckedConfig['keys'], report: Report): void {
  const owners = new Map<string, string>();
  for (const [name, view] of Object.entries(config.views)) {
    const table = JSON.stringify([view.store, view.table ?? name]);
    const owner = owners.get(table);
    if (owner === undefined) {
      owners.set(table, name);
      continue;
    }
    checkSameKey(owner, name, keys, config, report);
    checkSameFields(owner, name, config, report);
  }
}

/** The fields that views read of a table, in the order of the YAML: what its rows are made of. */
export function fieldsOfTable({ views }: Config, store: string, table: string): TableField[] {
  return fieldsOfViews(
    Object.entries(views).flatMap(([name, view]) =>
      view.store === store && (view.table ?? name) === table ? [view] : [],
    ),
  );
}

export interface TableField {
  name: string;
  type: ScalarType;
}

/** The fields of all of these views; one that has another type in a later view keeps its own, and `onOther` is told. */
export function fieldsOfViews(
  views: readonly ViewConfig[],
  onOther?: (field: string, type: ScalarType, other: ScalarType) => void,
): TableField[] {
  const types = new Map<string, ScalarType>();
  for (const { fields } of views) {
    for (const [field, { type }] of Object.entries(fields)) {
      const known = types.get(field) ?? type;
      if (known !== type) onOther?.(field, known, type);
      types.set(field, known);
    }
  }
  return Array.from(types, ([name, type]) => ({ name, type }));
}

function checkSameKey(owner: string, name: string, keys: CheckedConfig['keys'], config: Config, report: Report): void {
  const [first, second] = [owner, name].map((view) => keys.get(view) ?? []);
  const isWhole = (view: string): boolean =>
    keys.get(view)?.length === Object.keys(config.views[view]?.key ?? {}).length &&
    !report.broken.touches(['views', view, 'key']);
  if (!isWhole(owner) || !isWhole(name)) return;
  const [ours, theirs] = [second, first].map((parts) =>
    (parts ?? []).map(({ part, expression }) => `${part} ${expression.type}`).join(', '),
  );
  if (ours === theirs) return;
  report.atKey(
    ['views', name, 'key'],
    'TABLE_KEY',
    `\`${name}\` reads the table of \`${owner}\` by another key: (${ours}) against (${theirs}); one table has one key`,
  );
}

function checkSameFields(owner: string, name: string, config: Config, report: Report): void {
  const theirs: ViewConfig['fields'] = config.views[owner]?.fields ?? {};
  for (const [field, { type }] of Object.entries(config.views[name]?.fields ?? {})) {
    const other = Object.hasOwn(theirs, field) ? theirs[field]?.type : undefined;
    if (other === undefined || other === type) continue;
    report.at(
      ['views', name, 'fields', field],
      'TABLE_FIELD',
      `\`${name}.${field}\` is ${type} here and ${other} in \`${owner}\`, which reads the same table`,
    );
  }
}
