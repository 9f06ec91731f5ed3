import type { FieldSpec } from '../source.ts';
import { doublesLoop, spelledDoubles, type ReadDoubles } from './packed-doubles.ts';
import { distinctIds, fingerprintOf } from './packed-fingerprint.ts';
import { fieldBytes, FIELDS_AT, TYPE_CODES } from './packed-layout.ts';

/** Where the rows of one list of fields have the planned fields. */
export interface Places {
  count: number;
  /** The list itself, four bytes a word, to compare: rows of another list with the same fingerprint are not these. */
  words: Int32Array;
  /** By planned field: which slot, -1 where the rows have no such field. */
  slots: Int32Array;
  /** By planned field: the type code that the rows have, which may not be the planned one. */
  types: Uint8Array;
  /** Reads the planned fields that are doubles in the rows too: features nearly always are, and need no other question. */
  readDoubles: ReadDoubles;
  /** All other planned fields. */
  others: Int32Array;
  /** Rows that were of this list. */
  rows: number;
  /** Spells `readDoubles`, once that pays. */
  spell: () => ReadDoubles | undefined;
}

/** Rows of a list before code is made for it: that takes as long as some hundred of them. */
const ROWS_TO_SPELL = 1000;

/**
 * Lists that one decoder remembers. A table has a list for each time its fields were changed; a writer who leaves nulls
 * out makes one for each mix. Past this many all are forgotten and learned again, so that memory stays bounded.
 */
const MAX_LISTS = 64;

/** Finds the places of these fields by the list in each row; undefined where the fingerprint is not that of the list. */
export class PlaceFinder {
  readonly #fields: readonly FieldSpec[];
  readonly #ids: readonly number[];
  readonly #known = new Map<number, Places>();

  constructor(fields: readonly FieldSpec[]) {
    this.#fields = fields;
    this.#ids = distinctIds(fields.map(({ name }) => name));
  }

  /** `base` is where the row begins in the view; the row must hold `count` fields. */
  find(view: DataView, base: number, count: number, fingerprint: number): Places | undefined {
    const known = this.#known.get(fingerprint);
    if (known && known.count === count && hasWords(view, base, count, known.words)) {
      if (++known.rows === ROWS_TO_SPELL) known.readDoubles = known.spell() ?? known.readDoubles;
      return known;
    }
    if (fingerprintOf(view.buffer, base, count) !== fingerprint) return undefined;
    if (this.#known.size >= MAX_LISTS) this.#known.clear();
    const places = this.#learn(view, base, count);
    this.#known.set(fingerprint, places);
    return places;
  }

  #learn(view: DataView, base: number, count: number): Places {
    const slotOf = new Map<number, number>();
    for (let at = 0; at < count; at++) slotOf.set(view.getUint32(base + FIELDS_AT + 4 * at, true), at);
    const slots = Int32Array.from(this.#ids, (id) => slotOf.get(id) ?? -1);
    const typesAt = FIELDS_AT + 4 * count;
    const types = Uint8Array.from(slots, (slot) => (slot < 0 ? 0 : view.getUint8(base + typesAt + slot)));
    const isDouble = (field: number): boolean =>
      this.#fields[field].type === 'double' && types[field] === TYPE_CODES.double;
    const fields = Array.from(this.#fields.keys());
    const doubles = Int32Array.from(fields.filter(isDouble));
    const slotsOfDoubles = doubles.map((field) => slots[field]);
    return {
      count,
      words: wordsOf(view, base, count),
      slots,
      types,
      readDoubles: doublesLoop(doubles, slotsOfDoubles),
      others: Int32Array.from(fields.filter((field) => !isDouble(field))),
      rows: 0,
      spell: () => spelledDoubles(doubles, slotsOfDoubles),
    };
  }
}

/** The list of fields in words, and one more that ends with it: its length may be no multiple of four. */
function wordsOf(view: DataView, base: number, count: number): Int32Array {
  const [start, length] = [base + FIELDS_AT, fieldBytes(count)];
  const whole = Array.from({ length: length >> 2 }, (_, at) => view.getInt32(start + 4 * at, true));
  return Int32Array.from([...whole, lastWord(view, start, length)]);
}

/** Words, for a loop over bytes takes as long as decoding the row. */
function hasWords(view: DataView, base: number, count: number, words: Int32Array): boolean {
  const [start, length] = [base + FIELDS_AT, fieldBytes(count)];
  const whole = length >> 2;
  for (let at = 0; at < whole; at++) if (view.getInt32(start + 4 * at, true) !== words[at]) return false;
  return lastWord(view, start, length) === words[whole];
}

/** The four bytes that end the list; 0 where it is empty. */
const lastWord = (view: DataView, start: number, length: number): number =>
  length === 0 ? 0 : view.getInt32(start + length - 4, true);
