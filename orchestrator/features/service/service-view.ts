import type { BatchRead } from '../../../config/schema.ts';
import type { FieldSpec } from '../source.ts';
import { compileItemDecoder, type DecodeItem, type ItemPlaces } from './item-decoder.ts';
import type { KeyPart } from './key-parts.ts';

/** What a view says of its service: one of `get` and `batch`, and where an item has what. */
export interface ServiceView extends ItemPlaces {
  key: readonly KeyPart[];
  get: string | undefined;
  batch: BatchRead | undefined;
}

/** A view's decoders by the list of fields that a step fetches: each step of a plan has one list for good. */
export function decodersOf(places: ItemPlaces): (fields: readonly FieldSpec[]) => DecodeItem {
  const decoders = new WeakMap<readonly FieldSpec[], DecodeItem>();
  return (fields) => {
    let decode = decoders.get(fields);
    if (!decode) decoders.set(fields, (decode = compileItemDecoder(fields, places)));
    return decode;
  };
}
