import { didYouMean } from '../foundation/nearest.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';

/** Checks what only `tandem dev` reads: the tables that it fills and the services that it runs. */
export function checkDev(config: Config, report: Report): void {
  checkFill(config, report);
  checkRun(config, report);
}

/** `dev.run` names services. */
function checkRun(config: Config, report: Report): void {
  const known = Object.keys(config.services);
  for (const service of Object.keys(config.dev.run)) {
    if (known.includes(service) || report.broken.covers(['services', service])) continue;
    const text = `no service is named \`${service}\`${didYouMean(service, known)}`;
    report.atKey(['dev', 'run', service], 'RUN_SERVICE', text);
  }
}

/** `dev.fill` names tables: of a view by the view's name, or one that views share by its own. */
function checkFill(config: Config, report: Report): void {
  const known = new Set(Object.entries(config.views).flatMap(([name, { table }]) => [name, table ?? name]));
  for (const table of Object.keys(config.dev.fill)) {
    // A view that is broken may read any table.
    if (known.has(table) || report.broken.touches(['views'])) continue;
    report.atKey(
      ['dev', 'fill', table],
      'FILL_TABLE',
      `no view reads a table named \`${table}\`${didYouMean(table, known)}`,
    );
  }
}
