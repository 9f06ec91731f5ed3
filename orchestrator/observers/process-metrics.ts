import { addScraped, type Metrics } from '../../foundation/telemetry/metrics.ts';
import type { Registry, RegistryCount } from '../deployment/registry.ts';
import type { DisabledViews } from '../features/disabled-views.ts';
import type { ReloadResult } from '../deployment/reload.ts';

/** What other processes hold the far end of: the counts that the registry keeps for its own use are no news to anybody. */
const CONNECTIONS = ['store', 'service', 'model'];

/** Reloads by what became of them; count into it. */
export function countReloads(metrics: Metrics): Record<ReloadResult, number> {
  const reloads = { applied: 0, unchanged: 0, refused: 0 };
  addScraped(
    metrics,
    {
      name: 'tandem_reloads_total',
      help: 'Times that the configuration was read again, by result: applied, unchanged, refused.',
      labelNames: ['result'],
      kind: 'counter',
    },
    () => Object.entries(reloads).map(([result, value]) => ({ labels: { result }, value })),
  );
  return reloads;
}

/** Requests of warm-ups by what became of them; tell it of each. `models` are those that run. */
export function countWarmUps(
  metrics: Metrics,
  models: () => Iterable<string>,
): (model: string, isAnswered: boolean) => void {
  const counts = new Map<string, { answered: number; failed: number }>();
  addScraped(
    metrics,
    {
      name: 'tandem_warmup_requests_total',
      help: 'Requests that models were warmed up with, by result: answered, failed.',
      labelNames: ['model', 'result'],
      kind: 'counter',
    },
    function* () {
      for (const model of models()) {
        const results = counts.get(model) ?? { answered: 0, failed: 0 };
        for (const [result, value] of Object.entries(results)) yield { labels: { model, result }, value };
      }
    },
  );
  return (model, isAnswered) => {
    let results = counts.get(model);
    if (results === undefined) counts.set(model, (results = { answered: 0, failed: 0 }));
    results[isAnswered ? 'answered' : 'failed']++;
  };
}

/** What is true of the process, whichever deployment runs. */
export function showProcess(
  metrics: Metrics,
  sources: {
    revision: () => string;
    registry: Registry;
    inFlight: { instances: number };
    disabled: DisabledViews;
    views: () => Iterable<string>;
  },
): void {
  const { revision, registry, inFlight, disabled } = sources;
  addScraped(
    metrics,
    { name: 'tandem_view_disabled', help: '1 while a view is switched off.', labelNames: ['view'], kind: 'gauge' },
    () => {
      const off = disabled.remainingMs;
      return Array.from(sources.views(), (view) => ({ labels: { view }, value: off.has(view) ? 1 : 0 }));
    },
  );
  addScraped(
    metrics,
    { name: 'tandem_instances_in_flight', help: 'Instances being scored now.', labelNames: [], kind: 'gauge' },
    () => [{ labels: {}, value: inFlight.instances }],
  );
  addScraped(
    metrics,
    {
      name: 'tandem_config_info',
      help: '1 for the revision of the configuration that runs.',
      labelNames: ['revision'],
      kind: 'gauge',
    },
    () => [{ labels: { revision: revision() }, value: 1 }],
  );
  const connections = (of: (count: RegistryCount) => number) => () =>
    CONNECTIONS.flatMap((kind) => {
      const count = registry.counts.get(kind);
      return count ? [{ labels: { kind }, value: of(count) }] : [];
    });
  addScraped(
    metrics,
    {
      name: 'tandem_connections_open',
      help: 'Stores, services and models that are connected to, by kind.',
      labelNames: ['kind'],
      kind: 'gauge',
    },
    connections(({ open }) => open),
  );
  addScraped(
    metrics,
    {
      name: 'tandem_connections_opened_total',
      help: 'The same, since the start: a reload adds those whose own configuration it changed.',
      labelNames: ['kind'],
      kind: 'counter',
    },
    connections(({ opened }) => opened),
  );
}
