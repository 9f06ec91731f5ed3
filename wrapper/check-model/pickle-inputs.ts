import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppError } from '../../foundation/errors.ts';
import type { ModelInputs } from '../../foundation/model-inputs/model-inputs.ts';

/**
 * Loads a pickle and prints what it names. joblib reads plain pickles too, and comes with scikit-learn. The last line
 * is the answer: what the model's modules print when they are imported comes before it.
 */
const SCRIPT = `
import json, sys
try:
    import joblib
except ModuleNotFoundError as error:
    print(json.dumps({"missing": error.name}))
    sys.exit()
try:
    model = joblib.load(sys.argv[1])
except ModuleNotFoundError as error:
    print(json.dumps({"missing": error.name}))
    sys.exit()
names = getattr(model, "feature_names_in_", None)
width = getattr(model, "n_features_in_", None)
print(json.dumps({"names": None if names is None else [str(name) for name in names], "width": None if width is None else int(width)}))
`;

type Told = { missing: string } | { names: string[] | null; width: number | null };

const run = promisify(execFile);

/**
 * The inputs that a pickled model of scikit-learn names. A pickle can be read by Python alone, and reading it runs its
 * code: `python3` of the PATH, with what the model needs, is asked.
 * @throws AppError NOT_READY with a sentence about what to install, or about what Python said.
 */
export async function pickleInputs(path: string): Promise<ModelInputs | undefined> {
  const told = await ask(path);
  if ('missing' in told) {
    const what = told.missing === 'joblib' ? 'scikit-learn' : told.missing;
    throw new AppError(
      'NOT_READY',
      `python3 has no ${what}: pip install ${what}, or save the model as .skops or .onnx`,
    );
  }
  const { names, width } = told;
  if (names === null && width === null) return undefined;
  return { width: width ?? names?.length, columns: names?.map((name) => ({ name })), isByName: false };
}

async function ask(path: string): Promise<Told> {
  try {
    const { stdout } = await run('python3', ['-c', SCRIPT, path], { encoding: 'utf8' });
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Told;
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') {
      const mend = 'there is no python3 here: install it with scikit-learn, or save the model as .skops or .onnx';
      throw new AppError('NOT_READY', mend, { cause });
    }
    throw new AppError('NOT_READY', `Python says: ${stderr.trimEnd().split('\n').at(-1) || String(cause)}`, { cause });
  }
}
