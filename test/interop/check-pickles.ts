import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runChecks } from './run-checks.ts';

const run = promisify(execFile);
const TANDEM = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

const YAML = `version: 1
project: p
inputs: { instance: { km: double, seats: int64 } }
models:
  right:
    features: [{ name: distance, from: instance.km }, { name: plane.seats, from: instance.seats }]
    wrapper: { modelUri: model.joblib }
  wrong:
    features: [{ name: plane.seats, from: instance.seats }, { name: distance, from: instance.km }]
    wrapper: { modelUri: model.pkl }
`;
const SAID =
  'tandem.yaml:9:16 error MODEL_FEATURE_ORDER the features are in another order than the inputs of model.pkl: ' +
  '`plane.seats` is 1, not 2, `distance` is 2, not 1\n';

/** Whether `tandem check --load` reads what scikit-learn pickled, by the `python3` that has it. */
export async function checkPickles(python: string, folder: string): Promise<boolean> {
  const project = join(folder, 'pickles');
  await mkdir(project);
  await writeFile(join(project, 'tandem.yaml'), YAML);
  if (!(await runChecks(python, 'make_pickle.py', [project]))) return false;
  const env = { ...process.env, PATH: `${dirname(python)}${delimiter}${process.env['PATH'] ?? ''}` };
  const { stdout } = await run(process.execPath, [TANDEM, 'check', 'tandem.yaml', '--load'], {
    cwd: project,
    env,
  }).catch((error: { stdout: string }) => error);
  const holds = stdout === SAID;
  console.log(`${holds ? 'ok  ' : 'FAIL'}  check --load reads pickles of scikit-learn${holds ? '' : ` (${stdout})`}`);
  return holds;
}
