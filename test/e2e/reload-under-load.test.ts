import { expect, it } from 'vitest';
import { reloadUnderLoad } from './reload-under-load.ts';

it('answers every request rightly while the file is saved, every second time broken; what a change does not touch stays open', async () => {
  const report = await reloadUnderLoad({ reloads: 30, clients: 16 });
  expect(report.wrong).toEqual([]);
  expect(report.answers).toBeGreaterThan(100);
  expect({ applied: report.applied, refused: report.refused }).toEqual({ applied: 15, refused: 15 });
  const { stores, models, expectedStores, expectedModels } = report.opened;
  expect({ stores, models }).toEqual({ stores: expectedStores, models: expectedModels });
  expect(report.open).toEqual({ stores: 1, models: 1 });
  expect(report.usage.after.descriptors).toBeLessThanOrEqual(report.usage.before.descriptors);
  expect(report.usage.after.watches).toBe(report.usage.before.watches);
  expect(report.warnings).toEqual([]);
});
