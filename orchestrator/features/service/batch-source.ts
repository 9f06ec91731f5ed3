import type { BatchRead } from '../../../config/schema.ts';
import { byFields } from '../by-fields.ts';
import type { FeatureSource } from '../source.ts';
import { compileBody, compileKeyObject } from './batch-body.ts';
import { fetchRows } from './fetch-rows.ts';
import type { SourceSurroundings } from './get-source.ts';
import { compileItemDecoder } from './item-decoder.ts';
import { compileItemKey } from './item-key.ts';
import { compilePointer } from './json-pointer.ts';
import { compileSplit } from './key-parts.ts';
import { layItems } from './lay-items.ts';
import { failed } from './outcome.ts';
import { answerReader } from './read-answer.ts';
import type { ServiceView } from './service-view.ts';

/** One call for `size` keys. */
export function batchSource(view: ServiceView, batch: BatchRead, around: SourceSurroundings): FeatureSource {
  const { calls, counters, epochMs } = around;
  const split = compileSplit(view.key);
  const keyObject = compileKeyObject(view.key);
  const writeBody = compileBody(batch.body);
  const readItems = compilePointer(batch.items);
  const readKey = compileItemKey(view.key, batch.match);
  const decoderOf = byFields((fields) => compileItemDecoder(fields, view));
  const read = answerReader((body) => Array.isArray(readItems(body)), epochMs);
  return {
    keepsTime: true,
    fetch(keys, fields, options) {
      const decode = decoderOf(fields);
      return fetchRows(around, keys, fields, options, (rows, scope) => {
        const ask = async (objects: string[], asked: ReadonlyMap<string, number>): Promise<void> => {
          const answer = await calls.call({ method: 'POST', path: batch.post, body: writeBody(objects) }, read, scope);
          if (answer.outcome !== 'answered') {
            // The path of a batch names no row: a 404 says that the service has no such route, not that it has no rows.
            const failure = answer.outcome === 'not_found' ? failed('refused', answer.reason) : answer;
            for (const row of asked.values()) rows.fail(row, failure);
            return;
          }
          const items = readItems(answer.body) as unknown[];
          layItems(items, asked, { fields, readKey, decode, counters, fetchedMs: epochMs() }, rows.block);
          for (const row of asked.values()) rows.keepFresh(row, answer.freshMs);
        };
        const asking: Promise<void>[] = [];
        let objects: string[] = [];
        let asked = new Map<string, number>();
        for (let row = 0; row < keys.count; row++) {
          const values = split(keys.text[row]);
          const object = values && keyObject(values);
          if (object === undefined) {
            counters.refusedKeys++;
            rows.block.missing(row);
          } else {
            objects.push(object);
            asked.set(keys.text[row], row);
          }
          if (objects.length > 0 && (objects.length === batch.size || row === keys.count - 1)) {
            asking.push(ask(objects, asked));
            objects = [];
            asked = new Map();
          }
        }
        return asking;
      });
    },
  };
}
