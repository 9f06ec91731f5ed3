import { resolve } from 'node:path';
import type { CheckedConfig } from '../config/checked.ts';
import { functionsOf } from '../config/model-functions.ts';
import { localModelPath } from '../foundation/model-path.ts';
import { isLibrary, predictorFile } from '../foundation/predictor-file.ts';

/** The files that the wrappers of a configuration host, absolute: predictors, what `modelUri` names, functions. */
export function hostedFiles(checked: CheckedConfig): string[] {
  return Object.keys(checked.config.models).flatMap((model) => [
    ...modelFiles(checked, model),
    ...functionFiles(checked, model),
  ]);
}

/** Those of one model's functions. */
export function functionFiles(checked: CheckedConfig, model: string): string[] {
  return [...new Set(functionsOf(checked, model).map(({ file }) => resolve(checked.folder, file)))];
}

/** Those of one model's predictor. */
export function modelFiles({ config, folder }: CheckedConfig, model: string): string[] {
  const { predictor, modelUri } = config.models[model]?.wrapper ?? {};
  const path = modelUri === undefined ? undefined : localModelPath(folder, modelUri);
  return [
    ...(predictor === undefined || isLibrary(predictor) ? [] : [resolve(folder, predictorFile(predictor))]),
    ...(path === undefined ? [] : [path]),
  ];
}
