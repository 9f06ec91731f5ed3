import type { FieldSpec } from '../source.ts';
import { distinctIds, fingerprintOf } from './packed-fingerprint.ts';
import { fieldBytes, FIELDS_AT } from './packed-layout.ts';

/** Where the rows of one list of fields have the planned fields. */
export interface Places {
  count: number;
  /** The list itself, to compare: rows of another list with the same fingerprint are not these. */
  list: Uint8Array;
  /** By planned field: which slot, -1 where the rows have no such field. */
  slots: Int32Array;
  /** By planned field: the type code that the rows have, which may not be the planned one. */
  types: Uint8Array;
}

/**
 * Lists that one decoder remembers. A table has a list for each time its fields were changed; a writer who leaves nulls
 * out makes one for each mix. Past this many all are forgotten and learned again, so that memory stays bounded.
 */
const MAX_LISTS = 64;

/** Finds the places of these fields by the list in each row; undefined where the fingerprint is not that of the list. */
export class PlaceFinder {
  readonly #ids: readonly number[];
  readonly #known = new Map<number, Places>();

  constructor(fields: readonly FieldSpec[]) {
    this.#ids = distinctIds(fields.map(({ name }) => name));
  }

  /** `base` is where the row begins in the view; the row must hold `count` fields. */
  find(bytes: Uint8Array, view: DataView, base: number, count: number, fingerprint: number): Places | undefined {
    const known = this.#known.get(fingerprint);
    if (known && known.count === count && isList(known.list, bytes)) return known;
    if (fingerprintOf(bytes, count) !== fingerprint) return undefined;
    if (this.#known.size >= MAX_LISTS) this.#known.clear();
    const places = this.#learn(bytes, view, base, count);
    this.#known.set(fingerprint, places);
    return places;
  }

  #learn(bytes: Uint8Array, view: DataView, base: number, count: number): Places {
    const slotOf = new Map<number, number>();
    for (let at = 0; at < count; at++) slotOf.set(view.getUint32(base + FIELDS_AT + 4 * at, true), at);
    const slots = Int32Array.from(this.#ids, (id) => slotOf.get(id) ?? -1);
    const typesAt = FIELDS_AT + 4 * count;
    return {
      count,
      list: new Uint8Array(bytes.subarray(FIELDS_AT, FIELDS_AT + fieldBytes(count))),
      slots,
      types: Uint8Array.from(slots, (slot) => (slot < 0 ? 0 : bytes[typesAt + slot])),
    };
  }
}

function isList(list: Uint8Array, bytes: Uint8Array): boolean {
  for (let at = 0; at < list.length; at++) if (list[at] !== bytes[FIELDS_AT + at]) return false;
  return true;
}
