import { describe, expect, it } from 'vitest';
import { AppError } from '../../../foundation/errors.ts';
import { createMetrics, type Metrics } from '../../../foundation/telemetry/metrics.ts';
import type { Deployment } from '../../../orchestrator/deployment.ts';
import type { FeatureSource } from '../../../orchestrator/features/source.ts';
import { showDeployment } from '../../../orchestrator/observers/deployment-metrics.ts';
import { withMetrics } from '../../../orchestrator/observers/predict-metrics.ts';
import type { Answer, Predict } from '../../../orchestrator/predict/call.ts';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import { callOf, modelOf, plantedDeployment, rowsSource } from '../planted.ts';

const YAML = `
version: 1
project: p
inputs: { request: { city: "string?" }, instance: { tail: "string?" } }
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64, year: int64 }, defaults: { seats: 150 } }
  city: { store: online, key: { city: request.city }, fields: { size: int64 } }
models:
  m:
    features: [plane.seats, plane.year, city.size]
    fallback: { cel: "0.5", on: [OVERLOADED] }
`;
const PLANES = { A: { seats: 100, year: null }, B: { seats: 'many', year: 2000 } };

interface Measured {
  predict: Predict;
  deployment: Deployment;
  /** The series of a metric, as the text that Prometheus reads has them. */
  series(name: string): Promise<string[]>;
}

function measured(fail?: Error, city: FeatureSource = rowsSource({ NYC: { size: 8 } })): Measured {
  const metrics: Metrics = createMetrics();
  const client = modelOf(() => 1, fail);
  const deployment = plantedDeployment(YAML, { sources: { plane: rowsSource(PLANES), city }, client });
  showDeployment(metrics, () => deployment);
  const options = { now: () => performance.now(), past: undefined };
  return {
    deployment,
    predict: withMetrics(
      createPredict(() => ({ deployment, release: () => {} }), options),
      metrics,
    ),
    async series(name) {
      const text = await metrics.registry.getSingleMetricAsString(name);
      return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    },
  };
}

const ask = ({ predict }: Measured, ...tails: (string | null)[]): Promise<Answer> =>
  predict(callOf({ request: { city: 'NYC' }, instances: { objects: tails.map((tail) => ({ tail })) } }));

describe('the metrics of answers', () => {
  it('count the values used by what became of each and where it came from', async () => {
    const app = measured();
    await ask(app, 'A', 'B', 'Z', null);
    await ask(app, 'A');
    const labels = 'model="m",version="7",view';
    expect((await app.series('tandem_view_values_total')).sort()).toEqual(
      [
        // Read once a request, whatever the rows: what was fetched is what is counted.
        `tandem_view_values_total{${labels}="city",status="PRESENT",source="store"} 2`,
        `tandem_view_values_total{${labels}="plane",status="ERROR",source="default"} 1`,
        `tandem_view_values_total{${labels}="plane",status="NOT_FOUND",source="default"} 2`,
        `tandem_view_values_total{${labels}="plane",status="NOT_FOUND",source="none"} 2`,
        `tandem_view_values_total{${labels}="plane",status="NULL_VALUE",source="store"} 2`,
        `tandem_view_values_total{${labels}="plane",status="PRESENT",source="store"} 3`,
      ].sort(),
    );
  });

  it('count as degraded what is an incident, and not a declared default', async () => {
    const app = measured();
    await ask(app, 'A', 'Z', null);
    expect(await app.series('tandem_degraded_instances_total')).toEqual([]);
    await ask(app, 'B', 'B', 'Z');
    expect(await app.series('tandem_degraded_instances_total')).toEqual([
      'tandem_degraded_instances_total{model="m",view="plane",status="ERROR",source="default"} 2',
    ]);
  });

  it('count every instance under a view of the request that failed', async () => {
    const app = measured(undefined, { fetch: () => Promise.reject(new Error('planted')) });
    await ask(app, 'Z', 'Z');
    expect(await app.series('tandem_degraded_instances_total')).toEqual([
      'tandem_degraded_instances_total{model="m",view="city",status="ERROR",source="none"} 2',
    ]);
  });

  it('time the stages and count the instances of each answer', async () => {
    const app = measured();
    await ask(app, 'A', 'B');
    await ask(app, 'A');
    expect(await app.series('tandem_instances_total')).toEqual(['tandem_instances_total{model="m"} 3']);
    const stages = (await app.series('tandem_stage_duration_seconds')).filter((line) => line.includes('_count'));
    expect(stages).toEqual(
      ['decode', 'features', 'matrix', 'model'].map(
        (stage) => `tandem_stage_duration_seconds_count{model="m",stage="${stage}"} 2`,
      ),
    );
  });

  it('count which code the fallback stood in for, and nothing of what failed', async () => {
    const app = measured(new AppError('OVERLOADED', 'planted'));
    await ask(app, 'A');
    expect(await app.series('tandem_fallbacks_total')).toEqual([
      'tandem_fallbacks_total{model="m",code="OVERLOADED"} 1',
    ]);
    const failing = measured(new AppError('PREDICTOR_FAILED', 'planted'));
    await expect(ask(failing, 'A')).rejects.toMatchObject({ code: 'PREDICTOR_FAILED' });
    expect(await failing.series('tandem_instances_total')).toEqual([]);
  });

  it('say which models can be asked: one whose outputs do not fit the YAML cannot', async () => {
    const app = measured();
    expect(await app.series('tandem_model_ready')).toEqual(['tandem_model_ready{model="m"} 1']);
    app.deployment.models.get('m')!.problem = new AppError('NOT_READY', 'planted');
    expect(await app.series('tandem_model_ready')).toEqual(['tandem_model_ready{model="m"} 0']);
  });

  it('show what the client of a model counts', async () => {
    const app = measured();
    app.deployment.models.get('m')!.counters.lateParts = 3;
    expect(await app.series('tandem_wrapper_late_parts_total')).toEqual([
      'tandem_wrapper_late_parts_total{model="m"} 3',
    ]);
  });
});
