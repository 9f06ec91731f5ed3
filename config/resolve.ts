import { dirname, resolve } from 'node:path';
import type { CheckedConfig } from './checked.ts';
import { checkBudgets } from './budget.ts';
import { checkCaches } from './caches.ts';
import { checkCycles } from './cycles.ts';
import { checkDev } from './dev.ts';
import { checkDurations } from './durations.ts';
import type { Environment } from './environment.ts';
import { Expressions } from './expressions.ts';
import { checkFeatures } from './features.ts';
import type { Files } from './files.ts';
import { readGrain } from './grain.ts';
import { withModelLists } from './model-lists.ts';
import { checkModels } from './models.ts';
import { readNeeds } from './needs.ts';
import { checkOnDemand } from './on-demand.ts';
import { checkOverrides } from './overrides.ts';
import type { Report } from './report.ts';
import type { WrittenConfig } from './schema.ts';
import { readScope } from './scope.ts';
import { checkSecrets } from './secrets.ts';
import { checkServices } from './services.ts';
import { checkSettings } from './settings.ts';
import { checkStores } from './stores.ts';
import { checkTables } from './tables.ts';
import { checkUses } from './uses.ts';
import { checkViews } from './views.ts';

/** What a configuration is checked with, beside itself. */
interface Context {
  file: string;
  files: Files;
  report: Report;
  environment: Environment;
}

/** A configuration of the right shape with its names, types and expressions checked against each other. */
export function resolveConfig(written: WrittenConfig, { file, files, report, environment }: Context): CheckedConfig {
  const path = resolve(file);
  const folder = dirname(path);
  const types = readScope(written, report);
  const { config, paths, picking } = withModelLists(written, types, { folder, files, report });
  checkViews(config, report);
  checkOnDemand(config, report);
  const expressions = new Expressions(config, types, report);
  const keys = expressions.keys();
  const onDemand = expressions.onDemand();
  const functions = expressions.functions();
  const fallbacks = expressions.fallbacks();
  const needs = readNeeds({ keys, onDemand, functions });
  checkCycles(needs, { keys, onDemand, functions }, report);
  checkTables(config, keys, report);
  checkStores(config, report);
  checkServices(config, keys, report);
  checkDurations(config, report);
  checkCaches(config, report);
  checkDev(config, report);
  const features = checkFeatures(config, paths, types, report);
  checkSettings(config, types, report);
  checkSecrets(config, report);
  checkModels(config, fallbacks, report);
  checkBudgets(config, needs, features, report);
  checkOverrides(config, types, readGrain(needs), report);
  // What no model picks today is there for the one of next week.
  if (picking.size === 0) checkUses(config, needs, { fallbacks, features }, file, report);
  return {
    config,
    file: path,
    folder,
    files: files.read,
    place: report.places.at.bind(report.places),
    readSecret: (secret) => secret.read(folder, environment),
    types,
    keys,
    onDemand,
    functions,
    features,
    picking,
    fallbacks,
  };
}
