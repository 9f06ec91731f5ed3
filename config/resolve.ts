import { dirname, resolve } from 'node:path';
import type { CheckedConfig } from './checked.ts';
import { checkCycles } from './cycles.ts';
import type { Environment } from './environment.ts';
import { Expressions } from './expressions.ts';
import { checkFeatures } from './features.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';
import { readScope } from './scope.ts';
import { checkSettings } from './settings.ts';
import { checkFill, checkTables } from './tables.ts';
import { checkViews } from './views.ts';

/** A configuration of the right shape with its names, types and expressions checked against each other. */
export function resolveConfig(config: Config, file: string, report: Report, environment: Environment): CheckedConfig {
  const types = readScope(config, report);
  checkViews(config, report);
  const expressions = new Expressions(config, types, report);
  const keys = expressions.keys();
  const onDemand = expressions.onDemand();
  const fallbacks = expressions.fallbacks();
  checkCycles(keys, onDemand, report);
  checkTables(config, keys, report);
  checkFill(config, report);
  const features = checkFeatures(config, types, report);
  checkSettings(config, types, report);
  const path = resolve(file);
  const folder = dirname(path);
  return {
    config,
    file: path,
    folder,
    files: [path],
    place: report.places.at.bind(report.places),
    readSecret: (secret) => secret.read(folder, environment),
    types,
    keys,
    onDemand,
    features,
    fallbacks,
  };
}
