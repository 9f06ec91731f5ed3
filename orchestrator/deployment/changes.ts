import { isJsonObject } from '../../foundation/json-object.ts';
import type { Config } from '../../config/schema.ts';
import { identityOf } from '../../config/secret.ts';

/** Sections of named entries, whose entries are told one by one. */
const NAMED = ['stores', 'services', 'views', 'onDemand', 'models'] as const;

/** Keys that are read once, when the process starts. */
const AT_START = ['server.http', 'server.admin.host', 'server.admin.port', 'server.stateDir', 'limits.requestTimeout'];
/** Of a model's `wrapper`: what its own process reads when it starts. */
const OF_THE_WRAPPER = [
  'predictor',
  'python',
  'modelUri',
  'trustPickle',
  'replicas',
  'threads',
  'batching',
  'socketMode',
  'hangAfter',
] as const;

/** What is different, for the log: `+views.weather`, `-models.old`, `~onDemand.hour`, `~limits`. */
export function changesOf(before: Config, after: Config): string[] {
  const named: readonly string[] = NAMED;
  const entries = NAMED.flatMap((section) => namedChanges(section, before[section], after[section]));
  const others = (Object.keys(after) as (keyof Config)[])
    .filter((key) => !named.includes(key) && !isSame(before[key], after[key]))
    .map((key) => `~${key}`);
  const gone = Object.keys(before)
    .filter((key) => !Object.hasOwn(after, key))
    .map((key) => `-${key}`);
  return [...entries, ...others, ...gone];
}

/** Keys whose change waits for the next start of this process. */
export function nextStartChanges(started: Config, after: Config): string[] {
  return AT_START.filter((key) => !isSame(valueAt(started, key), valueAt(after, key)));
}

/** Models whose wrapper has to start again to see what changed, with the keys. */
export function wrapperChanges(before: Config, after: Config): Map<string, string[]> {
  const changes = new Map<string, string[]>();
  for (const [model, { wrapper }] of Object.entries(after.models)) {
    const old = before.models[model]?.wrapper;
    if (old === undefined) continue;
    const keys = OF_THE_WRAPPER.filter((key) => !isSame(old[key], wrapper[key]));
    if (keys.length > 0)
      changes.set(
        model,
        keys.map((key) => `models.${model}.wrapper.${key}`),
      );
  }
  return changes;
}

const isSame = (before: unknown, after: unknown): boolean => identityOf(before) === identityOf(after);

function namedChanges(section: string, before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    if (!Object.hasOwn(before, name)) return [`+${section}.${name}`];
    if (!Object.hasOwn(after, name)) return [`-${section}.${name}`];
    return isSame(before[name], after[name]) ? [] : [`~${section}.${name}`];
  });
}

function valueAt(config: Config, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (isJsonObject(at) ? at[key] : undefined), config);
}
