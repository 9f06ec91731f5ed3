import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { startDev } from '../../e2e/start-dev.ts';
import { projectFolder } from '../../e2e/serve-project.ts';
import { ensurePython } from '../../python.ts';
import { PREDICTOR, SEVERAL, TANDEM_YAML } from './tandem-project.ts';

const run = promisify(execFile);
const HERE = fileURLToPath(new URL('.', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../../../wrapper/python', import.meta.url));
/** The last line where every test of a file held, and none was skipped. */
const PASSED = /\n\d+ passed in [\d.]+s\n$/;

let python: string;
beforeAll(async () => {
  python = await ensurePython(new URL('requirements.txt', import.meta.url));
}, 120_000);

test.each(['test_client_values.py', 'test_client_tries.py', 'test_client_faults.py', 'test_run_case.py'])(
  '%s holds',
  async (file) => {
    expect(await pytest(file)).toMatch(PASSED);
  },
);

test('test_client_answers.py holds, with an orchestrator to ask', async () => {
  await using project = await projectFolder({
    'tandem.yaml': TANDEM_YAML,
    'predictor.ts': PREDICTOR,
    'several.ts': SEVERAL,
  });
  const dev = await startDev(join(project.folder, 'tandem.yaml'), join(project.folder, 'state'));
  try {
    expect(await pytest('test_client_answers.py', { TANDEM_URL: dev.http })).toMatch(PASSED);
  } finally {
    await dev.stop();
  }
}, 60_000);

/** Runs one file of this folder; gives what pytest says of it. */
async function pytest(file: string, env: Record<string, string> = {}): Promise<string> {
  const words = ['-m', 'pytest', '--quiet', '-p', 'no:cacheprovider', join(HERE, file)];
  const own = { PYTHONPATH: PACKAGE, PYTHONDONTWRITEBYTECODE: '1', ...env };
  const ended = run(python, words, { env: { ...process.env, ...own } });
  const { stdout } = await ended.catch((failure: { stdout: string }) => failure);
  return stdout;
}
