import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TEMPLATES, templateFiles } from '../../cli/init/template-files.ts';
import { startDev } from '../e2e/start-dev.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'cli/main.ts');
const ENVIRONMENT = { ...process.env, NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/tandem') };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-init-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** `tandem` in the test's folder; what went wrong is the answer's `code` and `stderr`. */
async function tandem(...args: string[]): Promise<{ stdout: string; stderr: string; code?: number }> {
  return run(process.execPath, [MAIN, ...args], { cwd: folder, env: ENVIRONMENT }).catch(
    (failed: { stdout: string; stderr: string; code: number }) => failed,
  );
}

describe.each(TEMPLATES)('the template %s', (template) => {
  it('is a project without a problem or a warning', async () => {
    await tandem('init', '--template', template);
    expect(await tandem('check', 'tandem.yaml')).toEqual({
      stdout: 'tandem.yaml is in order: 1 model, 2 views, 2 on-demand features.\n',
      stderr: '',
    });
  });

  it('answers its own request in `tandem dev`', async () => {
    await tandem('init', '--template', template);
    const dev = await startDev(join(folder, 'tandem.yaml'), join(folder, 'state'));
    try {
      const body = await readFile(join(folder, 'request.json'), 'utf8');
      const answer = await fetch(`${dev.http}/v1/models/interest:predict`, { method: 'POST', body });
      expect(answer.status).toBe(200);
      const { predictions, ...told } = (await answer.json()) as { predictions: number[] };
      expect(predictions).toHaveLength(4);
      expect(predictions.every((open) => open > 0 && open < 1)).toBe(true);
      expect(told).toEqual({
        ids: ['a1', 'a2', 'a3', 'just-published'],
        ranking: [0, 1, 3],
        degraded: [{ view: 'article', status: 'NOT_FOUND', source: 'none', count: 1 }],
      });
    } finally {
      await dev.stop();
    }
  });
});

it('has templates that differ in the model only', () => {
  const [one, other] = TEMPLATES.map((template) => templateFiles(template).get('tandem.yaml')!.toString().split('\n'));
  const differing = [...one.filter((line) => !other.includes(line)), ...other.filter((line) => !one.includes(line))];
  expect(differing.filter((line) => !/^ {4}(?:#|wrapper:|outputs:)/.test(line))).toEqual([]);
});

describe('tandem init', () => {
  it('prints what to do next, from the folder that it was run in', async () => {
    const { stdout } = await tandem('init', "a reader's");
    expect(stdout.split('\n').filter((line) => line.startsWith('  '))).toEqual([
      String.raw`  cd 'a reader'\''s'`,
      '  npm install',
      '  npx tandem check tandem.yaml',
      '  npx tandem dev tandem.yaml',
      '  curl -s http://127.0.0.1:8080/v1/models/interest:predict -d @request.json',
    ]);
  });

  it('says how to get what runs an ONNX model', async () => {
    const { stdout } = await tandem('init', '--template', 'onnx');
    expect(stdout).toMatch(/^ {2}(?:ONNXRUNTIME_NODE_INSTALL=skip )?npm install onnxruntime-node$/m);
  });

  it('writes nothing where a file would be overwritten, and names all of those', async () => {
    await writeFile(join(folder, 'tandem.yaml'), 'mine');
    await writeFile(join(folder, 'request.json'), 'mine');
    const { code, stdout, stderr } = await tandem('init', '.');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/ has request\.json, tandem\.yaml already: nothing was written\./);
    expect(await readdir(folder)).toEqual(['request.json', 'tandem.yaml']);
    expect(await readFile(join(folder, 'tandem.yaml'), 'utf8')).toBe('mine');
  });

  it('makes no project of a file', async () => {
    await writeFile(join(folder, 'shop'), 'mine');
    const { code, stderr } = await tandem('init', 'shop');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'shop is no folder: name another one, tandem init DIR.\n',
    });
  });

  it('keeps a package.json and a .gitignore that are there', async () => {
    await writeFile(join(folder, 'package.json'), '{}');
    await writeFile(join(folder, '.gitignore'), 'mine');
    const { stdout } = await tandem('init');
    expect(stdout).toContain('  npm install tandem-serving node@24\n');
    expect(await readFile(join(folder, 'package.json'), 'utf8')).toBe('{}');
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('mine');
  });

  it('points editors to the schema where Tandem is installed, and then asks for no installation', async () => {
    const installed = join(folder, 'node_modules', 'tandem-serving');
    await mkdir(installed, { recursive: true });
    await writeFile(join(installed, 'package.json'), '{}');
    const firstLine = async (file: string) => (await readFile(join(folder, file), 'utf8')).split('\n')[0];
    const here = await tandem('init');
    await tandem('init', 'deep/below');
    expect(here.stdout).not.toContain('npm install');
    expect(await firstLine('tandem.yaml')).toBe(
      '# yaml-language-server: $schema=./node_modules/tandem-serving/config/schema.json',
    );
    expect(await firstLine('deep/below/tandem.yaml')).toBe(
      '# yaml-language-server: $schema=../../node_modules/tandem-serving/config/schema.json',
    );
  });

  it('says in a sentence that it cannot write', async () => {
    await writeFile(join(folder, 'file'), '');
    const { code, stderr } = await tandem('init', 'file/below');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^\S+ cannot be written \(\w+\)\.\n$/);
  });

  it('refuses a template that is not there, with those that are', async () => {
    const { code, stderr } = await tandem('init', '--template', 'pytorch');
    expect(code).toBe(2);
    expect(stderr).toContain('Allowed choices are predictor, onnx.');
  });
});
