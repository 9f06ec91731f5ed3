import { addScraped, addScrapedTable, type Metrics, type ScrapedCounter } from '../../foundation/telemetry/metrics.ts';
import type { Deployment } from '../deployment.ts';
import type { RowCounts } from '../features/watched-rows.ts';

/** A summary without quantiles, in Prometheus' names: `rate(…_sum) / rate(…_count)` is the mean age. */
const OF_A_VIEW: ScrapedCounter<RowCounts>[] = [
  {
    name: 'tandem_view_row_age_seconds_sum',
    help: 'Ages of the rows that were read, by their _ts, summed.',
    kind: 'counter',
    read: ({ ageMs }) => ageMs / 1000,
  },
  {
    name: 'tandem_view_row_age_seconds_count',
    help: 'Rows that were read and say when they were true.',
    kind: 'counter',
    read: ({ timed }) => timed,
  },
];

/** What is true of the rows where views read them, and of the stores that they are in, shown at each scrape. */
export function showRows(metrics: Metrics, deployment: () => Deployment): void {
  addScraped(
    metrics,
    {
      name: 'tandem_store_up',
      help: '0 while the store cannot be reached, or fails so often that it is left alone.',
      labelNames: ['store'],
      kind: 'gauge',
    },
    function* () {
      for (const [store, { isReachable }] of deployment().stores)
        yield { labels: { store }, value: isReachable === false ? 0 : 1 };
    },
  );
  addScraped(
    metrics,
    {
      name: 'tandem_view_rows_total',
      help: 'Rows read for a view, below its cache: found, missing, failed (the read, or the row itself).',
      labelNames: ['view', 'result'],
      kind: 'counter',
    },
    function* () {
      for (const [view, { found, missing, failed }] of deployment().rowCounts) {
        for (const [result, value] of Object.entries({ found, missing, failed }))
          yield { labels: { view, result }, value };
      }
    },
  );
  addScraped(
    metrics,
    {
      name: 'tandem_view_nulls_total',
      help: 'Nulls in the rows read, by field; divided by the rows found, their share.',
      labelNames: ['view', 'field'],
      kind: 'counter',
    },
    function* () {
      const { plan, rowCounts } = deployment();
      for (const [view, { nulls }] of rowCounts) {
        for (const { field } of plan.views.get(view)?.fields ?? [])
          yield { labels: { view, field }, value: nulls.get(field) ?? 0 };
      }
    },
  );
  const counted = function* (): Generator<[string, { counters: RowCounts }]> {
    for (const [view, counters] of deployment().rowCounts) yield [view, { counters }];
  };
  addScrapedTable(metrics, 'view', OF_A_VIEW, counted);
  addScraped(
    metrics,
    {
      name: 'tandem_view_newest_row_timestamp_seconds',
      help: 'The latest _ts among the rows read, unix time: what falls behind time() tells of an ingest that is dead.',
      labelNames: ['view'],
      kind: 'gauge',
    },
    function* () {
      for (const [view, { newestMs }] of deployment().rowCounts)
        if (newestMs > -Infinity) yield { labels: { view }, value: newestMs / 1000 };
    },
  );
}
