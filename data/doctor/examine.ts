import type { CheckedConfig } from '../../config/checked.ts';
import type { PartExamination } from './examination.ts';
import { examineModel } from './examine-model.ts';
import { examineService } from './examine-service.ts';
import { examineStore, type StoreBounds } from './examine-store.ts';

/**
 * Examines every part of a configuration, one after the other, so that no times are of the others: its stores with their
 * views, its services, its models. A part that fails is told as what was found of it, and the next one is examined.
 */
export async function* examine(checked: CheckedConfig, bounds: StoreBounds): AsyncGenerator<PartExamination> {
  const { stores, services, models } = checked.config;
  for (const name of Object.keys(stores)) yield await examineStore(name, checked, bounds);
  for (const [name, service] of Object.entries(services)) yield await examineService(name, service, bounds);
  for (const name of Object.keys(models)) yield* examineModel(name, checked, bounds);
}
