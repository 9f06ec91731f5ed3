import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadConfig } from '../../../config/load.ts';
import { connectionConfig } from '../../../orchestrator/deployment/model-connection.ts';
import { compilePlan } from '../../../orchestrator/plan/compile-plan.ts';
import { loadKey, loadParameters } from '../../../proto/load-parameters.ts';
import { hostSpec } from '../../../wrapper/host-spec.ts';

const FLIGHTS = fileURLToPath(new URL('../../../examples/flights/tandem.yaml', import.meta.url));

it('asks a wrapper that started from the same file for the load that it has, so that nothing is loaded twice', () => {
  const { checked } = loadConfig(FLIGHTS, process.env);
  if (!checked) throw new Error('the example is broken');
  const plan = compilePlan(checked);
  expect(plan.models.size).toBeGreaterThan(0);
  for (const [name, model] of plan.models) {
    const asked = loadKey(loadParameters(connectionConfig(model, 'unix:any.sock')));
    expect(asked).toBe(loadKey(loadParameters(hostSpec(checked, name, { environment: {}, cpus: 1 }))));
  }
});
