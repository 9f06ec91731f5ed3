import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import type { CheckedConfig } from '../../../../config/checked.ts';
import { loadConfig, parseConfig } from '../../../../config/load.ts';
import { compilePlan } from '../../../../orchestrator/plan/compile-plan.ts';
import type { Breaks, Change } from '../../../../orchestrator/plan/compare/change.ts';
import { compareConfigs } from '../../../../orchestrator/plan/compare/compare-configs.ts';
import { valueAt } from '../../../../orchestrator/plan/compare/settings.ts';
import { projectFolder } from '../../../e2e/serve-project.ts';
import { CASES } from './change-cases.ts';

const REFERENCE = readFileSync(new URL('../../../../config/reference.yaml', import.meta.url), 'utf8');

function checked(text: string, environment: Record<string, string> = {}): CheckedConfig {
  const { checked: config, problems } = parseConfig(text, 'tandem.yaml', environment);
  if (config === undefined) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return config;
}

function compare(before: CheckedConfig, after: CheckedConfig): Change[] {
  return compareConfigs({ before, after, plans: { before: compilePlan(before), after: compilePlan(after) } });
}

/** What is told when, in the reference, each text is replaced by the other: whom it breaks, where, how. */
function told(...replacements: [string, string][]): string[] {
  let text = REFERENCE;
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`the reference does not have: ${from}`);
    text = text.replace(from, () => to);
  }
  const changes = compare(checked(REFERENCE), checked(text));
  return changes.map(({ breaks, path, message }) => `${breaks ?? '-'} ${path.join('.')} ${message}`);
}

describe('a change is told with whom it breaks', () => {
  test.each(CASES)('%s', (_, replacements, expected) => {
    expect(told(...replacements)).toEqual(expected);
  });
});

it('breaks nothing by other columns where they are those of the model’s own file', async () => {
  const modelOf = (names: string, carriers: string): string =>
    `tree\nversion=v4\nfeature_names=${names} instance.carrier\nfeature_infos=${names.replaceAll(/\S+/g, 'none')} 0:1\n\nend of trees\n\npandas_categorical:[${carriers}]\n`;
  const yaml = `version: 1
project: p
inputs: { instance: { a: double, b: double, carrier: string } }
models: { m: { features: from-model, wrapper: { modelUri: model.txt } } }
`;
  await using project = await projectFolder({ 'tandem.yaml': yaml });
  const configs: CheckedConfig[] = [];
  for (const model of [modelOf('instance.a', '["AA", "B6"]'), modelOf('instance.b instance.a', '["9E", "AA"]')]) {
    await writeFile(join(project.folder, 'model.txt'), model);
    configs.push(loadConfig(join(project.folder, 'tandem.yaml'), {}).checked!);
  }
  const [before, after] = configs;
  expect(compare(before, after).map(({ breaks, message }) => `${breaks ?? '-'} ${message}`)).toEqual([
    '- feature `instance.b` added as column 1',
    '- feature `instance.carrier`: codes of categories shifted: "AA" 0 → 1',
    '- feature `instance.carrier`: categories that are unknown now: "B6"',
    '- feature `instance.carrier`: categories added: "9E"',
  ]);
});

it('finds nothing between a configuration and itself', () => {
  expect(told()).toEqual([]);
});

it('never shows a secret', () => {
  const [before, after] = ['one-token-of-an-admin', 'other-token-of-an-admin'].map((TANDEM_ADMIN_TOKEN) =>
    checked(REFERENCE, { TANDEM_ADMIN_TOKEN }),
  );
  expect(compare(before, after)).toEqual([
    { breaks: undefined, path: ['server', 'admin', 'token'], message: 'server.admin.token: another secret' },
  ]);
  const without = checked(REFERENCE.replace(/^ +token: .*\n/m, ''));
  expect([...compare(without, after), ...compare(after, without)].map(({ message }) => message)).toEqual([
    'server.admin.token: none → a secret',
    'server.admin.token: a secret → none',
  ]);
});

it('tells every value of the reference that changes, but those that only dev, the log and the reader of includes use', () => {
  const reference = checked(REFERENCE);
  const silent = new Set(['version', 'include', 'dev', 'telemetry']);
  const plan = compilePlan(reference);
  const untold: string[] = [];
  for (const path of leavesOf(reference.config)) {
    const config = structuredClone(plainOf(reference.config)) as Record<string, unknown>;
    setAt(config, path, 'changed');
    const after = { ...reference, config: config as unknown as CheckedConfig['config'] };
    const before = { ...reference, config: plainOf(reference.config) as CheckedConfig['config'] };
    // Of features and keys it is the checked ones that count, which the other cases change.
    if (silent.has(path[0]) || path[2] === 'features' || path[2] === 'key') continue;
    if (compareConfigs({ before, after, plans: { before: plan, after: plan } }).length === 0)
      untold.push(path.join('.'));
  }
  expect(untold).toEqual([]);
});

it('shows every duration and size of the reference in its unit', () => {
  const reference = checked(REFERENCE);
  const before = { ...reference, config: plainOf(reference.config) as CheckedConfig['config'] };
  const plan = compilePlan(reference);
  const written = parse(REFERENCE) as object;
  const measured = leavesOf(written).filter((path) => /^\d+(ms|[smhdB]|[KMG]iB)$/.test(String(valueAt(written, path))));
  const changes = measured.flatMap((path) => {
    const config = structuredClone(plainOf(reference.config)) as Record<string, unknown>;
    setAt(config, path, 7);
    const after = { ...reference, config: config as unknown as CheckedConfig['config'] };
    return compareConfigs({ before, after, plans: { before: plan, after: plan } });
  });
  expect(measured.length).toBeGreaterThan(10);
  expect(changes.filter(({ message }) => !/\d(ms|[smhdB]|[KMG]iB) → 7(ms|B)$/.test(message))).toEqual([]);
});

const plainOf = (config: object): unknown => JSON.parse(JSON.stringify(config));

function leavesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(plainOf(value) as object).flatMap(([name, child]) => leavesOf(child, [...path, name]));
}

function setAt(config: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const last = path.at(-1)!;
  let holder = config;
  for (const name of path.slice(0, -1)) holder = holder[name] as Record<string, unknown>;
  holder[last] = Array.isArray(holder[last]) ? [...(holder[last] as unknown[]), value] : value;
}

/** Named so that a reader of the cases sees that these are all. */
const ALL_BREAKS: Record<Breaks, true> = { callers: true, model: true, rows: true };

it('has a case for each that a change can break', () => {
  const expected = CASES.flatMap(([, , changes]) => changes.map((change) => change.split(' ', 1)[0]));
  expect(new Set(expected)).toEqual(new Set([...Object.keys(ALL_BREAKS), '-']));
});
