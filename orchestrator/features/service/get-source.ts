import { byFields } from '../by-fields.ts';
import type { FeatureSource } from '../source.ts';
import type { ServiceCounters } from './counters.ts';
import { fetchRows } from './fetch-rows.ts';
import { compileItemDecoder } from './item-decoder.ts';
import { compileSplit } from './key-parts.ts';
import { compilePath } from './path-template.ts';
import { answerReader } from './read-answer.ts';
import type { ServiceCalls } from './service-calls.ts';
import type { ServiceView } from './service-view.ts';

export interface SourceSurroundings {
  service: string;
  calls: ServiceCalls;
  counters: ServiceCounters;
  now: () => number;
  epochMs: () => number;
}

/** One call a key; 404 is NOT_FOUND. */
export function getSource(view: ServiceView, template: string, around: SourceSurroundings): FeatureSource {
  const { calls, counters, epochMs } = around;
  const split = compileSplit(view.key);
  const parts = view.key.map(({ part }) => part);
  const writePath = compilePath(template, parts);
  const decoderOf = byFields((fields) => compileItemDecoder(fields, view));
  const read = answerReader(() => true, epochMs);
  return {
    keepsTime: true,
    fetch(keys, fields, options) {
      const decode = decoderOf(fields);
      return fetchRows(around, keys, fields, options, (rows, scope) => {
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
        return Array.from({ length: keys.count }, (_, row) => ask(row));
      });
    },
  };
}
