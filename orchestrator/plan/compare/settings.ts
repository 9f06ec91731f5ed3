import { isDeepStrictEqual } from 'node:util';
import { Secret } from '../../../config/secret.ts';
import { formatDuration, formatSize } from '../../../foundation/duration.ts';
import { changed, type Breaks, type Change, type Comparer } from './change.ts';

/**
 * Settings whose numbers are milliseconds after the schema, as their thing or section has them: a field's default may be
 * named `delay` and is none.
 */
const DURATIONS = new Set([
  'deadline',
  'budget.features',
  'budget.model',
  'warmup.timeout',
  'wrapper.hangAfter',
  'wrapper.batching.maxWait',
  'maxAge',
  'cache.ttl',
  'cache.staleWhileRevalidate',
  'cache.staleIfError',
  'cache.negativeTtl',
  'timeout',
  'connectTimeout',
  'bootstrapTimeout',
  'expiry',
  'server.drain.delay',
  'server.drain.timeout',
  'limits.requestTimeout',
]);
const SIZES = new Set(['cache.maxBytes', 'limits.bodyBytes']);
/** A value longer than this is cut: the place says where to read it. */
const MAX_SHOWN = 80;
/** Sections of named things: a path in them begins with the name of one. */
export const NAMED_SECTIONS: ReadonlySet<string | undefined> = new Set([
  'stores',
  'services',
  'views',
  'onDemand',
  'models',
]);

/** A setting with a value on each side: nothing where it is the same, else `maxAge: 30d → 1d`. */
export function compareSetting(
  path: readonly string[],
  before: unknown,
  after: unknown,
  breaks?: Breaks,
  why = '',
): Change[] {
  if (isSame(before, after)) return [];
  const name = path.slice(NAMED_SECTIONS.has(path[0]) ? 2 : 0).join('.');
  if (before instanceof Secret && after instanceof Secret) return [changed(path, breaks, `${name}: another secret`)];
  const shown = `${name}: ${showValue(name, before)} → ${showValue(name, after)}`;
  return [changed(path, breaks, `${shown}${why && `: ${why}`}`)];
}

/** The comparer of a setting that breaks somebody; `why` is the end of the sentence. */
export function breaking(breaks: Breaks, why = ''): Comparer {
  return ({ before, after }, path) =>
    compareSetting(path, valueAt(before.config, path), valueAt(after.config, path), breaks, why);
}

/** The comparer of a number that callers may go up to. */
export const loweredLimit: Comparer = ({ before, after }, path) => {
  const [old, now] = [valueAt(before.config, path), valueAt(after.config, path)];
  return compareSetting(path, old, now, Number(now) < Number(old) ? 'callers' : undefined);
};

/** The value at a path; undefined where either it or something round it is not there. */
export function valueAt(config: object, path: readonly string[]): unknown {
  let value: unknown = config;
  for (const name of path) {
    if (!isMap(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** A value as the YAML would have it. */
function showValue(name: string, value: unknown): string {
  if (value === undefined) return 'none';
  if (value instanceof Secret) return 'a secret';
  if (typeof value === 'number' && DURATIONS.has(name)) return formatDuration(value);
  if (typeof value === 'number' && SIZES.has(name)) return formatSize(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text;
}

/** Two secrets are the same where they stand at the same place; what is there is not read. */
function isSame(before: unknown, after: unknown): boolean {
  if (!(before instanceof Secret && after instanceof Secret)) return isDeepStrictEqual(before, after);
  return before.identity === after.identity;
}
