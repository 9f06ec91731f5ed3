import type { BatchRead } from '../../../config/schema.ts';
import type { ItemPlaces } from './item-decoder.ts';
import type { KeyPart } from './key-parts.ts';

/** What a view says of its service: one of `get` and `batch`, and where an item has what. */
export interface ServiceView extends ItemPlaces {
  key: readonly KeyPart[];
  get: string | undefined;
  batch: BatchRead | undefined;
}
