import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { CEL_RULES } from '../../cel/rules.ts';
import type { Problem } from '../../config/checked.ts';
import { loadConfig } from '../../config/load.ts';
import { MODEL_RULES } from '../../config/model-rules.ts';
import { RULES } from '../../config/rules.ts';
import { whyEquivalent } from '../check/equivalents.ts';
import { mutantsOf } from '../check/mutants.ts';
import { codeOf, readPages, ROOT, tableRows } from './markdown.ts';
import { overlayText } from './overlay-text.ts';

const page = (await readPages()).find(({ file }) => basename(file) === 'check-rules.md')!;
const [head = '', ...sections] = page.text.split(/^## (?=[A-Z_]+$)/m);
const [base = ''] = snippetsOf(head);
const folder = mkdtempSync(join(tmpdir(), 'tandem-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A problem of the main file, which is not read, or of the model's own file: no snippet can be of it. */
const WITHOUT_SNIPPET = new Set(['FILE_UNREADABLE', 'MODEL_COLUMN']);

test('the page has a section for every rule, in the order of the rules', () => {
  const codes = sections.map((section) => section.split('\n', 1)[0]);
  expect(codes).toEqual([...Object.keys(RULES), ...Object.keys(CEL_RULES)]);
});

test('the file that the snippets are parts of has no problem', () => {
  expect(check([base])).toEqual([]);
});

describe('a section shows what breaks its rule, at the line, and what does not', () => {
  const named = sections.map((section) => [section.split('\n', 1)[0], section] as const);
  test.each(named.filter(([code]) => !WITHOUT_SNIPPET.has(code)))('%s', (code, section) => {
    const [severity] = /^(Error|Warning)(?=\. )/m.exec(section) ?? [];
    const [bad = [], good = []] = section.split('\nInstead:\n').map(snippetsOf);
    const found = check(bad);
    expect(found.map((problem) => problem.code)).toEqual([code]);
    expect(found[0]?.severity).toBe(severity?.toLowerCase());
    expect(lineOf(found[0])).toContain('# ✗');
    expect(good.length).toBe(bad.length);
    expect(check(good)).toEqual([]);
  });
});

test('the rules of --load are those of the code', () => {
  const listed = tableRows(page, 'code', 'rule').map(([code = '', rule]) => [codeOf(code), rule]);
  expect(Object.fromEntries(listed)).toEqual(MODEL_RULES);
});

test('the mistakes that the page counts are those that the mutation test makes', () => {
  const mutants = mutantsOf(readFileSync(join(ROOT, 'config', 'reference.yaml'), 'utf8'));
  const mistakes = mutants.filter((mutant) => whyEquivalent(mutant) === undefined).length;
  expect(tableRows(page, 'mistakes', 'missed')).toEqual([[String(mistakes), '0']]);
});

/** The problems of a snippet laid over the base; of several, those behind the first are files beside it. */
function check([main = '', ...others]: readonly string[]): Problem[] {
  for (const text of others) {
    const [, name = ''] = /^# (\S+\.yaml)$/m.exec(text) ?? [];
    writeFileSync(join(folder, name), text);
  }
  const file = join(folder, 'tandem.yaml');
  writeFileSync(file, main === base ? base : overlayText(base, main));
  return loadConfig(file, {}).problems;
}

function lineOf({ file, line }: Problem): string {
  return readFileSync(file, 'utf8').split('\n')[line - 1] ?? '';
}

function snippetsOf(text: string): string[] {
  return Array.from(text.matchAll(/^```yaml\n([^]*?)^```$/gm), ([, snippet = '']) => snippet);
}
