import type { z } from 'zod';
import { isJsonObject } from '../foundation/json-object.ts';
import { didYouMean, nearestName } from '../foundation/nearest.ts';
import { readScalar } from './environment.ts';
import { knownKeys } from './known-keys.ts';
import { nameOf, type Path } from './places.ts';
import type { Report } from './report.ts';
import { configSchema, type WrittenConfig } from './schema.ts';
import { HIDDEN, sentenceOf } from './sentences.ts';

type Issue = z.core.$ZodIssue;

/**
 * Data as a configuration, with every deviation from the schema reported. What deviates is left out, so that the rest can be
 * checked further; undefined where there is no map at all. A value made by `${ENV}` is text until its key turns out to
 * want something else: then it is read as a plain scalar and tried again.
 */
export function readShape(data: unknown, report: Report): WrittenConfig | undefined {
  let issues = issuesOf(data);
  const texts = issues.flatMap(({ path }) => (report.places.isSubstituted(path) ? [path] : []));
  if (texts.length > 0) {
    for (const path of texts) rereadScalar(data, path);
    issues = issuesOf(data);
  }
  for (const issue of issues) leaveOutMeant(issue, report);
  for (const issue of issues) reportIssue(issue, data, report);
  if (!isJsonObject(data)) return undefined;
  // Leaving a value out can leave its map without what it needs: then the map goes too, up to the top.
  for (; issues.length > 0; issues = issuesOf(data)) leaveOut(issues, data, report);
  return configSchema.parse(data);
}

interface PlacedIssue {
  issue: Issue;
  path: Path;
}

/** Words that stand in for what the top level needs and does not have, while the rest is checked. */
const STAND_INS: Readonly<Record<string, unknown>> = { version: 1, project: 'unnamed' };

function leaveOut(issues: readonly PlacedIssue[], data: Record<string, unknown>, report: Report): void {
  for (const { issue, path } of issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove([...path, key], data, report);
    else remove(path, data, report);
  }
}

/** Takes the value at the path out, or where none is there the map that needs it. */
function remove(path: Path, data: Record<string, unknown>, report: Report): void {
  const last = path.at(-1);
  if (last === undefined) return;
  report.broken.add(path);
  report.places.delete(path);
  if (path.length === 1 && Object.hasOwn(STAND_INS, last)) {
    data[last] = STAND_INS[last];
    return;
  }
  const parent = valueAt(data, path.slice(0, -1));
  if (Array.isArray(parent)) {
    // The others keep their places. Of all lists only that of features can do without one.
    if (path.length === 4 && path[2] === 'features') parent[Number(last)] = '';
    else remove(path.slice(0, -1), data, report);
  } else if (isJsonObject(parent) && Object.hasOwn(parent, last)) delete parent[last];
  else remove(path.slice(0, -1), data, report);
}

/** What a mistyped key would have held is under its right name as good as broken: `view:` leaves no view undefined. */
function leaveOutMeant({ issue, path }: PlacedIssue, report: Report): void {
  if (issue.code !== 'unrecognized_keys') return;
  const known = knownKeys(path);
  for (const key of issue.keys) {
    const meant = nearestName(key, known);
    if (meant !== undefined && !report.places.has([...path, meant])) report.broken.add([...path, meant]);
  }
}

function issuesOf(data: unknown): PlacedIssue[] {
  // Empty messages: what has no sentence in the schema gets ours.
  const result = configSchema.safeParse(data, { reportInput: true, error: () => '' });
  return result.success ? [] : result.error.issues.flatMap((issue) => place(issue, []));
}

/** An issue with its whole path; of a union, the issues of the one option that is of the value's kind. */
function place(issue: Issue, above: Path): PlacedIssue[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code !== 'invalid_union') return [{ issue, path }];
  const ofKind = issue.errors.filter((option) => !option.some(refusesKind));
  const meant = ofKind.length > 1 ? ofType(ofKind) : ofKind;
  return meant.length === 1 ? (meant[0] ?? []).flatMap((inner) => place(inner, path)) : [{ issue, path }];
}

/**
 * Of maps that `type` tells apart, the one whose type it is; where it is none of them, what they say of the type, and the
 * keys that none of them has: one may be a mistyped `type`.
 */
function ofType(options: readonly Issue[][]): Issue[][] {
  const typeIssues = options.map((option) => option.find(({ path }) => path.length === 1 && path[0] === 'type'));
  if (typeIssues.every((issue) => issue === undefined)) return [...options];
  const fitting = options.filter((_, at) => typeIssues[at] === undefined);
  if (fitting.length > 0) return fitting;
  const values = typeIssues.flatMap((issue) => (issue?.code === 'invalid_value' ? issue.values : []));
  const unknown = options.map((option) =>
    option.find(({ code, path }) => code === 'unrecognized_keys' && path.length === 0),
  );
  const keys = unknown.map((issue) => new Set(issue?.code === 'unrecognized_keys' ? issue.keys : []));
  const ofNone = [...(keys[0] ?? [])].filter((key) => keys.every((others) => others.has(key)));
  const { input } = typeIssues[0] ?? {};
  return [
    [
      { code: 'invalid_value', values, path: ['type'], message: '', input },
      ...(ofNone.length > 0 ? [{ ...unknown[0], keys: ofNone } as Issue] : []),
    ],
  ];
}

/** Whether an option's issue is with the whole value: that it is no map, or none of its words. */
function refusesKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function reportIssue({ issue, path }: PlacedIssue, data: unknown, report: Report): void {
  // What could not be read has its problem already.
  if (report.broken.covers(path)) return;
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(path);
    for (const key of issue.keys) {
      // Of several kinds of map the keys of all are known: this one is another kind's.
      const isOthers = known.includes(key);
      const text = isOthers ? `${nameOf(path)} has no key \`${key}\`` : `unknown key \`${key}\``;
      report.atKey(
        [...path, key],
        'UNKNOWN_KEY',
        `${text}${isOthers ? ', its type being what it is' : didYouMean(key, known)}`,
      );
    }
    return;
  }
  if (path.length === 0) {
    report.at(
      path,
      'WRONG_TYPE',
      data === null ? 'the file is empty' : 'the file must be a map that begins with `version: 1`',
    );
  } else if (valueAt(data, path) === undefined) {
    // A value that is in the file and yet undefined has its problem already.
    if (!report.places.has(path)) reportMissing(path, report);
  } else {
    const { rule, text } = sentenceOf(
      report.places.isSubstituted(path) ? ({ ...issue, input: HIDDEN } as Issue) : issue,
    );
    const subject = `${nameOf(path)}${text.startsWith('must ') ? '' : ':'} ${text}`;
    if (issue.code === 'invalid_key') report.atKey(path, rule, subject);
    else report.at(path, rule, subject);
  }
}

function reportMissing(path: Path, report: Report): void {
  const parent = path.slice(0, -1);
  if (report.broken.touches(path) || report.broken.mayLack(parent)) return;
  const where = parent.length === 0 ? 'the file' : nameOf(parent);
  report.atKey(parent, 'MISSING_KEY', `${where} has no \`${path.at(-1)}\`, which is required`);
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function rereadScalar(data: unknown, path: Path): void {
  const parent = valueAt(data, path.slice(0, -1));
  const last = path.at(-1);
  const text = valueAt(data, path);
  if (typeof parent !== 'object' || parent === null || last === undefined || typeof text !== 'string') return;
  (parent as Record<string | number, unknown>)[last] = readScalar(text);
}
