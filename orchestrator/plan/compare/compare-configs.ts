import type { Change, Comparer, Sides } from './change.ts';
import { compareFeatures } from './features.ts';
import { compareExtra, compareInput, compareOverrides } from './inputs.ts';
import { answerPart, compareModel, compareOutputs } from './models.ts';
import { compareReads } from './readers.ts';
import { breaking, compareSetting, isMap, loweredLimit, NAMED_SECTIONS, valueAt } from './settings.ts';
import { compareField, compareKey, compareOrigin, comparePresence, compareStorePath } from './views.ts';

const NOTHING: Comparer = () => [];

/**
 * What is more than a setting, by its path; `*` is any name. All else is a setting, whose change is told and breaks
 * nobody: a key that joins the language is compared before anybody thinks of it here.
 */
const COMPARERS: Readonly<Record<string, Comparer>> = {
  version: NOTHING,
  // What is included is compared, not where it stands.
  include: NOTHING,
  // `tandem dev` alone reads it, and the log's level is for who runs it.
  dev: NOTHING,
  telemetry: NOTHING,
  project: breaking('rows', 'it begins the key of every row'),
  'inputs.request.*': compareInput,
  'inputs.instance.*': compareInput,
  'inputs.extra': compareExtra,
  overrides: compareOverrides,
  'stores.*': comparePresence,
  'stores.*.type': breaking('rows', 'rows that were written are not there'),
  'stores.*.path': compareStorePath,
  'services.*': comparePresence,
  'views.*': comparePresence,
  'views.*.store': compareOrigin,
  'views.*.table': compareOrigin,
  'views.*.service': compareOrigin,
  'views.*.key': compareKey,
  'views.*.fields.*': compareField,
  'onDemand.*': comparePresence,
  'models.*': compareModel,
  'models.*.features': compareFeatures,
  'models.*.outputs': compareOutputs,
  'models.*.id': answerPart('ids'),
  'models.*.topK': answerPart('ranking'),
  'models.*.wrapper.tensors': breaking('model'),
  'models.*.wrapper.dtype': breaking('model'),
  'server.http.host': breaking('callers'),
  'server.http.port': breaking('callers'),
  'server.stateDir': breaking('rows', 'embedded stores are inside of it'),
  'limits.bodyBytes': loweredLimit,
  'limits.instances': loweredLimit,
};

/**
 * All that differs between two checked configurations, section by section; in each what the new one has, in its order,
 * then what is gone.
 */
export function compareConfigs(sides: Sides): Change[] {
  const { before, after } = sides;
  const changes: Change[] = [];
  const visit = (path: readonly string[]): void => {
    // Asked even where the text of both is the same: a feature's type is its field's, which is written elsewhere.
    const told = COMPARERS[patternOf(path)]?.(sides, path);
    const [old, now] = [valueAt(before.config, path), valueAt(after.config, path)];
    if (told !== undefined) changes.push(...told);
    else if (isMap(now ?? old) && isMap(old ?? now)) {
      for (const name of new Set([...namesOf(now), ...namesOf(old)])) visit([...path, name]);
    } else changes.push(...compareSetting(path, old, now));
  };
  visit([]);
  return [...changes, ...compareReads(sides.plans)];
}

/** The pattern of the table that a path is told by: the names that users gave are `*`. */
function patternOf(path: readonly string[]): string {
  return path.map((name, index) => (isGivenName(path, index) ? '*' : name)).join('.');
}

function isGivenName(path: readonly string[], index: number): boolean {
  if (index === 1) return NAMED_SECTIONS.has(path[0]);
  return (index === 2 && path[0] === 'inputs') || (index === 3 && path[0] === 'views' && path[2] === 'fields');
}

function namesOf(value: unknown): string[] {
  return isMap(value) ? Object.keys(value) : [];
}
