import type { FeatureSource } from '../source.ts';
import type { ServiceCounters } from './counters.ts';
import { FetchScope } from '../fetch-scope.ts';
import { compileSplit } from './key-parts.ts';
import { compilePath } from './path-template.ts';
import { answerReader } from './read-answer.ts';
import type { ServiceCalls } from './service-calls.ts';
import { ServiceRows } from './service-rows.ts';
import { decodersOf, type ServiceView } from './service-view.ts';

export interface SourceSurroundings {
  service: string;
  calls: ServiceCalls;
  counters: ServiceCounters;
  now: () => number;
  epochMs: () => number;
}

/** One call a key, all of them at once as far as `maxConcurrency` lets them; 404 is NOT_FOUND. */
export function getSource(view: ServiceView, template: string, around: SourceSurroundings): FeatureSource {
  const { service, calls, counters, now, epochMs } = around;
  const split = compileSplit(view.key);
  const parts = view.key.map(({ part }) => part);
  const writePath = compilePath(template, parts);
  const decoderOf = decodersOf(view);
  const read = answerReader(() => true, epochMs);
  return {
    keepsTime: true,
    async fetch(keys, fields, options) {
      const decode = decoderOf(fields);
      const rows = new ServiceRows(fields, keys.count);
      const scope = new FetchScope(options, now);
      const ask = async (row: number): Promise<void> => {
        const values = split(keys.text[row]);
        const path = values && writePath(values);
        if (path === undefined) {
          counters.refusedKeys++;
          return rows.block.missing(row);
        }
        const answer = await calls.call({ method: 'GET', path, body: null }, read, scope);
        if (answer.outcome === 'answered') decode(answer.body, rows.block, row, epochMs());
        else if (answer.outcome === 'not_found') rows.block.missing(row);
        else return rows.fail(row, answer);
        rows.keepFresh(row, answer.freshMs);
      };
      try {
        await Promise.all(Array.from({ length: keys.count }, (_, row) => ask(row)));
      } finally {
        scope.close();
      }
      return rows.finish(service);
    },
  };
}
