import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { DurationHistogram } from './duration-histogram.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** Every metric that Tandem shows. Labels are names from the YAML and codes of ours: never anything a caller sent. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Counter({
      name: 'tandem_requests_total',
      help: 'Requests answered, by error code; OK, or FALLBACK where the fallback answered.',
      labelNames: ['model', 'code'],
      registers,
    }),
    requestSeconds: new DurationHistogram({
      name: 'tandem_request_duration_seconds',
      help: 'From the first byte of a request to its reply.',
      labelNames: ['model'],
      registry,
    }),
    stageSeconds: new DurationHistogram({
      name: 'tandem_stage_duration_seconds',
      help: 'Time of one request in each stage: decode, features, matrix, model.',
      labelNames: ['model', 'stage'],
      registry,
    }),
    serviceSeconds: new DurationHistogram({
      name: 'tandem_service_try_duration_seconds',
      help: 'Time of each try on the wire to a service.',
      labelNames: ['service'],
      registry,
    }),
    instances: new Counter({
      name: 'tandem_instances_total',
      help: 'Instances in answered requests.',
      labelNames: ['model'],
      registers,
    }),
    fallbacks: new Counter({
      name: 'tandem_fallbacks_total',
      help: 'Requests that the fallback answered, by the code it stood in for.',
      labelNames: ['model', 'code'],
      registers,
    }),
    degraded: new Counter({
      name: 'tandem_degraded_instances_total',
      help: 'Instances answered with a stale value, or without one after a time-out or an error.',
      labelNames: ['model', 'view', 'status', 'source'],
      registers,
    }),
    pushedRows: new Counter({
      name: 'tandem_pushed_rows_total',
      help: 'Rows put in place by POST /push.',
      labelNames: ['view'],
      registers,
    }),
    refusedPushes: new Counter({
      name: 'tandem_refused_pushes_total',
      help: 'Pushes that failed, by error code; of bad rows nothing was written.',
      labelNames: ['view', 'code'],
      registers,
    }),
    viewFailures: new Counter({
      name: 'tandem_view_failures_total',
      help: 'Fetches of a view, and calls of a feature’s function, of which nothing could be used.',
      labelNames: ['view', 'status'],
      registers,
    }),
  };
}

/** A counter or gauge whose values are counted elsewhere, in plain numbers on the hot path, and read at each scrape. */
export function addScraped(
  metrics: Metrics,
  definition: { name: string; help: string; labelNames: string[]; kind: 'counter' | 'gauge' },
  read: () => Iterable<{ labels: Record<string, string>; value: number }>,
): void {
  const { kind, ...options } = definition;
  const registers = [metrics.registry];
  if (kind === 'gauge') {
    const gauge = new Gauge({
      ...options,
      registers,
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.set(labels, value);
      },
    });
    gauge.reset();
    return;
  }
  const counter = new Counter({
    ...options,
    registers,
    collect() {
      this.reset();
      for (const { labels, value } of read()) this.inc(labels, value);
    },
  });
  counter.reset();
}

/** A metric with one label, and how it is read off what counts it. */
export interface ScrapedCounter<Counters> {
  name: string;
  help: string;
  kind: 'counter' | 'gauge';
  read: (counters: Readonly<Counters>) => number;
}

/** Metrics of several things that count alike, each thing a value of `label`. */
export function addScrapedTable<Counters>(
  metrics: Metrics,
  label: string,
  table: readonly ScrapedCounter<Counters>[],
  things: () => Iterable<readonly [name: string, { readonly counters: Readonly<Counters> }]>,
): void {
  for (const { read, ...definition } of table) {
    addScraped(metrics, { ...definition, labelNames: [label] }, function* () {
      for (const [name, { counters }] of things()) yield { labels: { [label]: name }, value: read(counters) };
    });
  }
}
