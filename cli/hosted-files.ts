import { resolve } from 'node:path';
import type { CheckedConfig } from '../config/checked.ts';
import { localModelPath } from '../foundation/model-path.ts';
import { isLibrary, predictorFile } from '../foundation/predictor-file.ts';

/** The files that the wrappers of a configuration host, absolute: predictors and what `modelUri` names. */
export function hostedFiles(checked: CheckedConfig): string[] {
  return Object.keys(checked.config.models).flatMap((model) => modelFiles(checked, model));
}

/** Those of one model. */
export function modelFiles({ config, folder }: CheckedConfig, model: string): string[] {
  const { predictor, modelUri } = config.models[model]?.wrapper ?? {};
  const path = modelUri === undefined ? undefined : localModelPath(folder, modelUri);
  return [
    ...(predictor === undefined || isLibrary(predictor) ? [] : [resolve(folder, predictorFile(predictor))]),
    ...(path === undefined ? [] : [path]),
  ];
}
