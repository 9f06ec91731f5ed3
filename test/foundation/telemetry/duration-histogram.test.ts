import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { DurationHistogram } from '../../../foundation/telemetry/duration-histogram.ts';

const BUCKETS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const DEFINITION = { name: 'took_seconds', help: 'How long it took.', labelNames: ['model', 'stage'] };

test('shows what prom-client shows of the same observations', async () => {
  const seconds = fc.oneof(fc.constantFrom(0, ...BUCKETS), fc.double({ min: 0, max: 20, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom('a', 'b'), seconds), { minLength: 1 }), async (observed) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const counted = new DurationHistogram({ ...DEFINITION, registry: ours });
      const plain = new Histogram({ ...DEFINITION, buckets: BUCKETS, registers: [theirs] });
      const series = new Map<string, ReturnType<typeof counted.open>>();
      for (const [model, took] of observed) {
        if (!series.has(model)) series.set(model, counted.open({ model, stage: 's' }));
        series.get(model)?.observe(took);
        plain.observe({ model, stage: 's' }, took);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }),
    { numRuns: 50 },
  );
});
