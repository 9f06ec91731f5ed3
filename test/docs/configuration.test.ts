import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { checkCommand } from '../../cli/check.ts';
import { MODEL_RULES } from '../../config/model-rules.ts';
import { codeOf, readPages, ROOT, tableRows } from './markdown.ts';
import { wordsOf } from './shell.ts';

const run = promisify(execFile);
const page = (await readPages()).find(({ file }) => file.endsWith('configuration.md'))!;

describe('docs/configuration.md has', () => {
  test.each(page.blocks.flatMap(({ mark, text }) => (mark?.startsWith('tandem ') ? [[mark, text]] : [])))(
    'what `%s` prints',
    async (command, text) => {
      const [, ...args] = wordsOf(command);
      const main = join(ROOT, 'cli', 'main.ts');
      const { stdout } = await run(process.execPath, [main, ...args], { cwd: ROOT }).catch(
        (error: { stdout: string }) => error,
      );
      expect(stdout.trimEnd()).toBe(text);
    },
  );

  test('every flag of check', () => {
    const listed = tableRows(page, 'flag').map(([flag]) => /--[a-z-]+/.exec(flag)?.[0]);
    const known = checkCommand().options.map(({ long }) => long);
    expect(new Set(listed)).toEqual(new Set(known));
  });

  test('every code of --load, with its rule', () => {
    const listed = tableRows(page, 'code', 'says').map(([code, rule]) => [codeOf(code), rule]);
    expect(Object.fromEntries(listed)).toEqual(MODEL_RULES);
  });
});
