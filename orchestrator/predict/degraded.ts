import type { ViewReport } from '../features/gather-view.ts';
import { SOURCES, sourceOf, STATUSES, statusOf } from '../plan/column.ts';
import type { Degraded } from './call.ts';

/** How many instances a view names with `parameters.degraded: "full"`. */
const MAX_ROWS = 100;

/** What a caller is told of views whose values were not all fresh: one entry a view, status and source. */
export function describeDegraded(reports: readonly ViewReport[], full: boolean): Degraded[] {
  return reports.flatMap(({ view, worst }) => {
    const rowsByState = new Map<number, number[]>();
    for (let row = 0; row < worst.length; row++) {
      const state = worst[row];
      if (state === 0) continue;
      const rows = rowsByState.get(state);
      if (rows) rows.push(row);
      else rowsByState.set(state, [row]);
    }
    return Array.from(rowsByState, ([state, rows]): Degraded => ({
      view,
      status: STATUSES[statusOf(state)],
      source: SOURCES[sourceOf(state)],
      count: rows.length,
      ...(full ? { rows: rows.slice(0, MAX_ROWS) } : {}),
    }));
  });
}

/** An incident rather than a declared default: stale rows, time-outs and errors. What `X-Tandem-Degraded` speaks of. */
export function isIncident(degraded: Degraded): boolean {
  return degraded.source === 'stale' || degraded.status === 'TIMEOUT' || degraded.status === 'ERROR';
}
