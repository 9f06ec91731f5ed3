import { AppError } from '../foundation/errors.ts';
import type { DeployedModel } from '../orchestrator/deployment.ts';

/** The model that a command is about where `--model` does not say: the only one. Throws AppError where there are several. */
export function onlyModel(models: readonly string[]): string {
  const [model] = models;
  if (model !== undefined && models.length === 1) return model;
  throw new AppError('INVALID_INPUT', `Say which model with --model: ${models.join(', ')}.`);
}

/** Whether a model can be asked within so many ms. */
export async function isReadyWithin(model: DeployedModel, ms: number): Promise<boolean> {
  const { modelReady } = await import('../orchestrator/deployment.ts');
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  const isReady = await Promise.race([modelReady(model).then(() => true), late]);
  clearTimeout(timer);
  return isReady;
}
