import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkAnswer } from '../../wrapper/answer.ts';
import { codeOf, readPages, ROOT, tableRows } from './markdown.ts';

const page = (await readPages()).find(({ file }) => file.endsWith('predictors.md'))!;

describe('docs/predictors.md says what is read of an answer', () => {
  test.each(tableRows(page, '`predict` returned'))('%s', async (cell, sentence) => {
    const source = `export default ${codeOf(cell)};`;
    const { default: answer } = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
      default: unknown;
    };
    expect(() => checkAnswer(answer, 2)).toThrow(sentence);
  });
});

describe('docs/predictors.md says what is read of a class', () => {
  const rows = tableRows(page, '`predictor.ts`');
  let folder: string;
  let sentences: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-docs-'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    const files = rows.map((_, index) => join(folder, String(index), 'predictor.ts'));
    for (const [index, file] of files.entries()) {
      await mkdir(dirname(file));
      await writeFile(file, codeOf(rows[index][0]));
    }
    const script = join(ROOT, 'test', 'wrapper', 'open-all.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...files]);
    sentences = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { error: string }).error);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each(rows.map(([code, sentence], index) => [code, sentence, index] as const))('%s', (_, sentence, index) => {
    expect(sentences[index]).toBe(sentence);
  });
});
