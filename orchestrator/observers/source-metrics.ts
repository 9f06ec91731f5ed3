import { addScraped, addScrapedTable, type Metrics, type ScrapedCounter } from '../../foundation/telemetry/metrics.ts';
import type { Deployment } from '../deployment.ts';
import type { CacheCounters } from '../features/cache/counters.ts';
import type { ServiceCounters } from '../features/service/counters.ts';

const OF_A_SERVICE: ScrapedCounter<ServiceCounters>[] = [
  {
    name: 'tandem_service_retries_total',
    help: "Tries beyond a call's first.",
    kind: 'counter',
    read: ({ retries }) => retries,
  },
  {
    name: 'tandem_service_retries_over_budget_total',
    help: 'Retries that the budget of a fifth of the calls did not allow.',
    kind: 'counter',
    read: ({ retriesOverBudget }) => retriesOverBudget,
  },
  {
    name: 'tandem_service_breaker_opens_total',
    help: 'Times that the breaker opened.',
    kind: 'counter',
    read: ({ breakerOpens }) => breakerOpens,
  },
  {
    name: 'tandem_service_in_flight',
    help: 'Tries on the wire now.',
    kind: 'gauge',
    read: ({ inFlight }) => inFlight,
  },
  {
    name: 'tandem_service_waiting',
    help: 'Tries that wait for maxConcurrency now.',
    kind: 'gauge',
    read: ({ waiting }) => waiting,
  },
  {
    name: 'tandem_service_refused_keys_total',
    help: 'Keys that no call can be made of: NOT_FOUND without one.',
    kind: 'counter',
    read: ({ refusedKeys }) => refusedKeys,
  },
  {
    name: 'tandem_service_ignored_items_total',
    help: 'Items of answers that were not asked for, or whose key is none.',
    kind: 'counter',
    read: ({ ignoredItems }) => ignoredItems,
  },
  {
    name: 'tandem_service_contradicted_keys_total',
    help: 'Keys that one answer had twice, with different values.',
    kind: 'counter',
    read: ({ contradictedKeys }) => contradictedKeys,
  },
];

const OF_A_CACHE: ScrapedCounter<CacheCounters>[] = [
  {
    name: 'tandem_cache_refreshes_total',
    help: 'Keys fetched in the background.',
    kind: 'counter',
    read: ({ refreshes }) => refreshes,
  },
  {
    name: 'tandem_cache_refresh_failures_total',
    help: 'Of these, keys whose fetch failed.',
    kind: 'counter',
    read: ({ refreshFailures }) => refreshFailures,
  },
  {
    name: 'tandem_cache_evictions_total',
    help: 'Rows that gave way to others.',
    kind: 'counter',
    read: ({ evictions }) => evictions,
  },
  {
    name: 'tandem_cache_served_age_seconds_total',
    help: 'Ages of the rows served, since their fetches, summed; divided by the keys served, their mean.',
    kind: 'counter',
    read: ({ servedAgeMs }) => servedAgeMs / 1000,
  },
  { name: 'tandem_cache_rows', help: 'Rows kept now.', kind: 'gauge', read: ({ entries }) => entries },
  { name: 'tandem_cache_bytes', help: 'About how many bytes they take.', kind: 'gauge', read: ({ bytes }) => bytes },
];

/** What services and caches count in plain numbers, shown at each scrape. */
export function showSources(metrics: Metrics, deployment: () => Deployment): void {
  addScraped(
    metrics,
    {
      name: 'tandem_service_tries_total',
      help: 'Calls of a service, each try, by what became of it; open: kept from it by the breaker.',
      labelNames: ['service', 'outcome'],
      kind: 'counter',
    },
    function* () {
      for (const [service, { counters }] of deployment().services) {
        for (const [outcome, value] of Object.entries(counters.tries)) yield { labels: { service, outcome }, value };
      }
    },
  );
  addScraped(
    metrics,
    {
      name: 'tandem_service_breaker_open',
      help: '1 while the breaker keeps calls from the service.',
      labelNames: ['service'],
      kind: 'gauge',
    },
    function* () {
      for (const [service, { breaker }] of deployment().services)
        yield { labels: { service }, value: breaker === 'closed' ? 0 : 1 };
    },
  );
  addScrapedTable(metrics, 'service', OF_A_SERVICE, () => deployment().services);
  addScraped(
    metrics,
    {
      name: 'tandem_cache_keys_total',
      help: 'Keys asked of a cache: hit, negative (a hit that says there is no row), stale, miss.',
      labelNames: ['view', 'result'],
      kind: 'counter',
    },
    function* () {
      for (const [view, { counters }] of deployment().caches) {
        const { hits, negativeHits: negative, stale, misses: miss } = counters;
        for (const [result, value] of Object.entries({ hit: hits - negative, negative, stale, miss }))
          yield { labels: { view, result }, value };
      }
    },
  );
  addScrapedTable(metrics, 'view', OF_A_CACHE, () => deployment().caches);
}
