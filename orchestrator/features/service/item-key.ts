import { formatTimestamp, parseTimestampMs } from '../../../foundation/timestamp.ts';
import type { ScalarType } from '../../../cel/types.ts';
import { escapeKeyPart } from '../store/row-key.ts';
import { compilePointer } from './json-pointer.ts';
import type { KeyPart } from './key-parts.ts';

/** The canonical key of an item, as fetches have it; undefined where a part is absent or has not its type. */
export type ReadItemKey = (item: unknown) => string | undefined;

/** Items are found by what they say their key is, never by their place in the answer. */
export function compileItemKey(parts: readonly KeyPart[], match: Readonly<Record<string, string>>): ReadItemKey {
  const readers = parts.map(({ part, type }) => ({ read: compilePointer(match[part]), format: FORMATS[type] }));
  return (item) => {
    let key = '';
    for (let at = 0; at < readers.length; at++) {
      const { read, format } = readers[at];
      const text = format(read(item));
      if (text === undefined) return undefined;
      key = at === 0 ? text : `${key}|${text}`;
    }
    return key;
  };
}

/** JSON values as row-key.ts writes them. A number beyond 2^53 is none: it may have been another one on the wire. */
const FORMATS: Record<ScalarType, (value: unknown) => string | undefined> = {
  string: (value) => (typeof value === 'string' ? escapeKeyPart(value) : undefined),
  bool: (value) => (typeof value === 'boolean' ? String(value) : undefined),
  double: (value) =>
    typeof value === 'number' && Number.isFinite(value) ? String(value === 0 ? 0 : value) : undefined,
  int64(value) {
    if (typeof value === 'string') return /^-?\d{1,19}$/.test(value) ? BigInt(value).toString() : undefined;
    return Number.isSafeInteger(value) ? String(value === 0 ? 0 : value) : undefined;
  },
  timestamp(value) {
    const ms = typeof value === 'string' ? parseTimestampMs(value) : Number.NaN;
    return ms === ms ? formatTimestamp(ms) : undefined;
  },
};
