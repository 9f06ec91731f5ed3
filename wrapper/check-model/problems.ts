import { dirname, resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import type { CheckedConfig, Problem } from '../../config/checked.ts';
import type { ModelRule } from '../../config/model-rules.ts';
import { findModelFiles, type ModelFile } from '../../foundation/model-inputs/model-inputs.ts';
import { localModelPath } from '../../foundation/model-path.ts';
import { isLibrary } from '../../foundation/predictor-file.ts';
import { hostSpec } from '../host-spec.ts';
import { thisMachine } from '../machine.ts';
import { openPredictor } from '../open-predictor.ts';
import { compareFeatures } from './compare-features.ts';
import { pickleInputs } from './pickle-inputs.ts';
import { checkPythonLoad } from './python-load.ts';

/** How the files of a model and its features in the YAML differ. None where the file is not there: its load tells. */
export async function modelInputProblems(checked: CheckedConfig, model: string): Promise<Problem[]> {
  const uri = modelFolder(checked, model);
  const files = uri === undefined || !(await exists(uri)) ? [] : findModelFiles(uri);
  const { predictor } = checked.config.models[model].wrapper;
  const fed = files.filter((file) => isFed(predictor, file));
  const problems = await Promise.all(fed.map((file) => fileProblems(checked, model, file)));
  if (fed.length < 2) return problems.flat();
  // Which of several files a class feeds, it alone knows: one that agrees is enough, and none is a doubt.
  if (problems.some((ofFile) => ofFile.length === 0)) return [];
  return problems.flat().map((each) => ({ ...each, severity: 'warning' }));
}

/** Why the predictor does not load; nothing where it does, or where there is none in the YAML. */
export async function loadProblems(
  checked: CheckedConfig,
  model: string,
  found: readonly Problem[],
): Promise<Problem[]> {
  const { predictor, modelUri } = checked.config.models[model].wrapper;
  if (predictor === undefined) return [];
  // A model without code refuses features that are not its own: it has been said.
  if (isLibrary(predictor) && found.some(({ severity }) => severity === 'error')) return [];
  try {
    const spec = hostSpec(checked, model, thisMachine());
    if (spec.python === undefined) await openPredictor({ ...spec, featureCount: spec.features.length });
    else checkPythonLoad(spec, spec.python);
    return [];
  } catch (thrown) {
    printUserStack(thrown, resolve(checked.folder, predictor));
    const uri = modelFolder(checked, model);
    const isOfUri = modelUri !== undefined && (isLibrary(predictor) || uri === undefined || !(await exists(uri)));
    return [problem(checked, model, ['wrapper', isOfUri ? 'modelUri' : 'predictor'], 'MODEL_LOAD', sentence(thrown))];
  }
}

/** Whether a predictor is fed the inputs of a file: a library opens its own format, a class whatever it likes. */
function isFed(predictor: string | undefined, { library }: ModelFile): boolean {
  return predictor === undefined || !isLibrary(predictor) || library === predictor;
}

async function fileProblems(checked: CheckedConfig, model: string, file: ModelFile): Promise<Problem[]> {
  const features = checked.features.get(model) ?? [];
  try {
    const inputs = file.read ? file.read() : await pickleInputs(file.path);
    if (inputs === undefined) return [];
    return compareFeatures(features, inputs, file.name).map(({ feature, rule, severity, message }) => {
      const path = feature === undefined ? ['features'] : ['features', feature];
      return problem(checked, model, path, rule, message, severity);
    });
  } catch (thrown) {
    const message = `${file.name} cannot be compared with the features: ${sentence(thrown)}`;
    return [problem(checked, model, ['wrapper', 'modelUri'], 'MODEL_UNREAD', message, 'warning')];
  }
}

function problem(
  checked: CheckedConfig,
  model: string,
  path: readonly (string | number)[],
  code: ModelRule,
  message: string,
  severity: Problem['severity'] = 'error',
): Problem {
  return { ...checked.place(['models', model, ...path]), severity, code, message };
}

/** Where the model is: `modelUri`, or a class's own folder. Undefined: an address, which the load refuses, or none. */
function modelFolder({ config, folder }: CheckedConfig, model: string): string | undefined {
  const { predictor, modelUri } = config.models[model].wrapper;
  if (modelUri === undefined) return predictor === undefined ? undefined : dirname(resolve(folder, predictor));
  return localModelPath(folder, modelUri);
}

/** What was thrown, in one line without its full stop. Nothing is in a log here: its reason is the sentence's end. */
function sentence(thrown: unknown): string {
  const { message, cause } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  return message
    .replace(/; the log says why\.?$/, () => why)
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
}

/** A line says what was wrong; where in the user's code it was, the stack does. */
function printUserStack(thrown: unknown, predictor: string): void {
  const stack = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.stack : undefined;
  if (stack?.includes(`${predictor}:`)) console.error(stack);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
