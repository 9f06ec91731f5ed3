import { addScraped, addScrapedTable, type Metrics, type ScrapedCounter } from '../../foundation/telemetry/metrics.ts';
import { functionsName } from '../../config/model-functions.ts';
import { isModelReady, type Deployment } from '../deployment.ts';
import type { ModelClientCounters } from '../model/counters.ts';
import { SOURCES, STATUSES, sourceOf, statusOf } from '../plan/column.ts';

const OF_THE_CLIENT: ScrapedCounter<ModelClientCounters>[] = [
  {
    name: 'tandem_wrapper_parts_in_flight',
    help: 'Calls that were sent to the wrapper and not yet answered.',
    kind: 'gauge',
    read: ({ partsInFlight }) => partsInFlight,
  },
  {
    name: 'tandem_wrapper_bytes_in_flight',
    help: "Bytes of these calls' tensors.",
    kind: 'gauge',
    read: ({ bytesInFlight }) => bytesInFlight,
  },
  {
    name: 'tandem_wrapper_messages_total',
    help: 'Merged messages sent.',
    kind: 'counter',
    read: ({ messagesSent }) => messagesSent,
  },
  {
    name: 'tandem_wrapper_parts_total',
    help: 'Calls sent; by messages: how well they merge.',
    kind: 'counter',
    read: ({ partsSent }) => partsSent,
  },
  {
    name: 'tandem_wrapper_late_parts_total',
    help: 'Answers that came after their caller had been answered, and were dropped.',
    kind: 'counter',
    read: ({ lateParts }) => lateParts,
  },
  {
    name: 'tandem_wrapper_abandoned_parts_total',
    help: 'Calls given up after they had been sent: cancelled, or past their deadline.',
    kind: 'counter',
    read: ({ abandonedParts }) => abandonedParts,
  },
  {
    name: 'tandem_wrapper_connections_total',
    help: 'Connections made; beyond the first, the wrapper had been away.',
    kind: 'counter',
    read: ({ connections }) => connections,
  },
];

/** What is counted in plain arrays while features are gathered, shown at each scrape. */
export function showDeployment(metrics: Metrics, deployment: () => Deployment): void {
  addScraped(
    metrics,
    {
      name: 'tandem_view_values_total',
      help: 'Feature values used, by what became of each and where it came from.',
      labelNames: ['model', 'version', 'view', 'status', 'source'],
      kind: 'counter',
    },
    function* () {
      for (const [model, { valueCounts, client }] of deployment().models) {
        const version = client?.modelVersion ?? '';
        for (const [view, { total }] of valueCounts) {
          for (const [state, value] of total.entries()) {
            const status = STATUSES[statusOf(state)];
            const source = SOURCES[sourceOf(state)];
            if (value > 0 && status && source) yield { labels: { model, version, view, status, source }, value };
          }
        }
      }
    },
  );
  addScraped(
    metrics,
    { name: 'tandem_model_ready', help: '1 while the model can be asked.', labelNames: ['model'], kind: 'gauge' },
    function* () {
      for (const [model, deployed] of deployment().models)
        yield { labels: { model }, value: isModelReady(deployed) ? 1 : 0 };
    },
  );
  addScraped(
    metrics,
    {
      name: 'tandem_extra_inputs_total',
      help: 'Inputs that are not declared and were ignored (inputs.extra: ignore).',
      labelNames: ['model'],
      kind: 'counter',
    },
    function* () {
      for (const [model, { extraInputs }] of deployment().models)
        yield { labels: { model }, value: extraInputs.ignored };
    },
  );
  addScrapedTable(metrics, 'model', OF_THE_CLIENT, function* () {
    for (const [model, deployed] of deployment().models) {
      yield [model, deployed] as const;
      if (deployed.functions) yield [functionsName(model), deployed.functions] as const;
    }
  });
}
