import { didYouMean } from '../foundation/nearest.ts';
import { readScalar } from './environment.ts';
import { literalProblem } from './literal.ts';
import type { Report } from './report.ts';
import type { Config, ViewConfig } from './schema.ts';

/** Checks each view by itself: its store, its defaults, its policies. */
export function checkViews(config: Config, report: Report): void {
  const stores = Object.keys(config.stores);
  for (const [name, view] of Object.entries(config.views)) {
    if (!stores.includes(view.store)) {
      const known = stores.length === 0 ? '; `stores` declares none' : '';
      report.at(
        ['views', name, 'store'],
        'UNKNOWN_STORE',
        `no store is named \`${view.store}\`${didYouMean(view.store, stores) || known}`,
      );
    }
    checkDefaults(name, view, report);
    if (view.required) checkRequired(name, view, report);
  }
}

function checkDefaults(name: string, view: ViewConfig, report: Report): void {
  const { fields, defaults } = view;
  for (const [field, value] of Object.entries(defaults)) {
    const path = ['views', name, 'defaults', field];
    const declared = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (!declared) {
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
