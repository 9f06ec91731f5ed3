import { didYouMean } from '../foundation/nearest.ts';
import { readScalar } from './environment.ts';
import { literalProblem } from './literal.ts';
import type { Path } from './places.ts';
import type { Report } from './report.ts';
import type { Rule } from './rules.ts';
import type { Config, ViewConfig } from './schema.ts';

/** Checks each view by itself: where it reads, its defaults, its policies. */
export function checkViews(config: Config, report: Report): void {
  for (const [name, view] of Object.entries(config.views)) {
    checkSource(name, view, config, report);
    checkDefaults(name, view, report);
    if (view.required) checkRequired(name, view, report);
    else checkDefaultsUsed(name, view, report);
  }
}

/** What each kind of source asks of a view, and what would be read by nobody. */
const OF_STORE = ['table'] as const;
const OF_SERVICE = ['get', 'batch', 'timestamp'] as const;

function checkSource(name: string, view: ViewConfig, config: Config, report: Report): void {
  const { store, service } = view;
  const path = ['views', name];
  if ((store === undefined) === (service === undefined)) {
    // One that could not be read is there all the same.
    if (['store', 'service'].some((key) => report.broken.touches([...path, key]))) return;
    const problem = store === undefined ? 'reads neither a `store` nor a `service`' : 'has a `store` and a `service`';
    report.atKey(
      store === undefined ? path : [...path, 'service'],
      'VIEW_SOURCE',
      `\`${name}\` ${problem}: give it one`,
    );
    return;
  }
  if (store !== undefined) {
    for (const [field, { at }] of Object.entries(view.fields)) {
      const place = [...path, 'fields', field, 'at'];
      if (at !== undefined)
        report.atKey(place, 'VIEW_SOURCE', '`at` is for fields of a service; a store’s row has its fields by name');
    }
  }
  for (const key of store === undefined ? OF_STORE : OF_SERVICE) {
    if (view[key] === undefined) continue;
    const other = store === undefined ? 'store' : 'service';
    report.atKey([...path, key], 'VIEW_SOURCE', `\`${key}\` is for views of a ${other}, and \`${name}\` has none`);
  }
  if (store !== undefined) checkDeclared([...path, 'store'], 'UNKNOWN_STORE', 'store', store, config.stores, report);
  else if (service !== undefined) {
    checkDeclared([...path, 'service'], 'UNKNOWN_SERVICE', 'service', service, config.services, report);
    const mayHaveOne = report.broken.touches([...path, 'get']) || report.broken.touches([...path, 'batch']);
    if (!mayHaveOne && (view.get === undefined) === (view.batch === undefined)) {
      const problem = view.get === undefined ? 'needs `get` or `batch`' : 'has `get` and `batch`: give it one';
      report.atKey(path, 'VIEW_SOURCE', `\`${name}\` reads a service, and ${problem}`);
    }
  }
}

function checkDeclared(path: Path, rule: Rule, what: string, name: string, declared: object, report: Report): void {
  const known = Object.keys(declared);
  if (known.includes(name) || report.broken.covers([`${what}s`, name])) return;
  const none = known.length === 0 ? `; \`${what}s\` declares none` : '';
  report.at(path, rule, `no ${what} is named \`${name}\`${didYouMean(name, known) || none}`);
}

function checkDefaults(name: string, view: ViewConfig, report: Report): void {
  const { fields, defaults } = view;
  for (const [field, value] of Object.entries(defaults)) {
    const path = ['views', name, 'defaults', field];
    const declared = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (!declared) {
      if (report.broken.covers(['views', name, 'fields', field])) continue;
      report.atKey(
        path,
        'DEFAULT_FIELD',
        `\`${name}\` has no field \`${field}\` to have a default${didYouMean(field, Object.keys(fields))}`,
      );
      continue;
    }
    // `${SEATS:-150}` is text so far: here its key's type is known.
    const literal =
      typeof value === 'string' && declared.type !== 'string' && report.places.isSubstituted(path)
        ? readScalar(value)
        : value;
    defaults[field] = literal;
    const problem = literalProblem(literal, declared.type);
    if (problem) report.at(path, 'DEFAULT_TYPE', `the default of \`${name}.${field}\`, ${declared.type}, ${problem}`);
  }
}

function checkDefaultsUsed(name: string, view: ViewConfig, report: Report): void {
  const { onMissing, onError, nulls, defaults } = view;
  if (Object.keys(defaults).length === 0 || onMissing === 'default' || onError === 'default' || nulls === 'default')
    return;
  const text = `no policy of \`${name}\` uses its defaults: take them out, or write \`onMissing: default\``;
  report.warnAtKey(['views', name, 'defaults'], 'DEFAULT_UNUSED', text);
}

function checkRequired(name: string, view: ViewConfig, report: Report): void {
  for (const policy of ['onMissing', 'onError'] as const) {
    const path = ['views', name, policy];
    if (report.places.has(path) && view[policy] !== 'fail') {
      report.at(path, 'REQUIRED_VIEW', `\`${name}\` is required, so \`${policy}\` is fail: take out one of the two`);
    }
  }
  // Defaults still serve `nulls: default`.
  if (view.nulls === 'keep' && Object.keys(view.defaults).length > 0) {
    const path = ['views', name, 'defaults'];
    report.atKey(
      path,
      'REQUIRED_VIEW',
      `\`${name}\` is required, so its defaults are never used: take out one of the two`,
    );
  }
}
