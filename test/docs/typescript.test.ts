import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPages, ROOT } from './markdown.ts';

const run = promisify(execFile);
const blocks = (await readPages()).flatMap((page) => page.blocks).filter(({ language }) => language === 'ts');
const nameOf = (index: number): string => `block-${index}.ts`;

/** As a user's own project has it, with the package where `npm install` would put it. */
const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    paths: {
      'tandem-serving': [join(ROOT, 'wrapper', 'predictor.ts')],
      'tandem-serving/store': [join(ROOT, 'orchestrator', 'features', 'store', 'store-types.ts')],
    },
  },
  include: ['*.ts'],
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-docs-'));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  await Promise.all(blocks.map(({ text }, index) => writeFile(join(folder, nameOf(index)), text)));
});
afterAll(() => rm(folder, { recursive: true }));

test('the TypeScript of the pages has no type error', async () => {
  expect(blocks.length).toBeGreaterThan(0);
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((failed: { stdout: string }) => failed);
  expect(stdout).toBe('');
});

test('the classes of the pages open as predictors', async () => {
  const classes = blocks.flatMap(({ text }, index) => (text.includes('export default class') ? [nameOf(index)] : []));
  expect(classes.length).toBeGreaterThan(0);
  const files = classes.map((name) => join(folder, name));
  const { stdout } = await run(process.execPath, [join(ROOT, 'test', 'wrapper', 'open-all.ts'), ...files]);
  expect(stdout.trim().split('\n')).toEqual(classes.map(() => '{"ok":true}'));
});
