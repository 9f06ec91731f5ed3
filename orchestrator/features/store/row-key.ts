import type { ScalarType } from '../../../cel/types.ts';
import { formatTimestamp } from '../../../foundation/timestamp.ts';

/** Text of one key part. Numbers are a column's (bool 0/1, timestamps epoch ms); int64 may come as decimal text. */
export type KeyPartFormatter = (value: number | string) => string;

// oxlint-disable-next-line no-control-regex -- control characters are what must not stand in a key
const RESERVED = /[%|:\u0000-\u001f\u007f]/;
// oxlint-disable-next-line no-control-regex
const EACH_RESERVED = /[%|:\u0000-\u001f\u007f]/g;

/**
 * A string part: `%`, `|`, `:` and control characters as `%` and two hex digits, so that parts joined by `|` never
 * collide and every tool can list the keys. All else stays as it is.
 */
export function escapeKeyPart(text: string): string {
  return RESERVED.test(text) ? text.replace(EACH_RESERVED, percent) : text;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The formatter of a key part's type. Make one a view and part: the one for timestamps remembers its last text. */
export function keyPartFormatter(type: ScalarType): KeyPartFormatter {
  switch (type) {
    case 'string':
      return (value) => escapeKeyPart(String(value));
    case 'bool':
      return (value) => (value === 1 || value === 'true' ? 'true' : 'false');
    case 'int64':
      return formatInt64;
    case 'double':
      return (value) => String(value === 0 ? 0 : value);
    case 'timestamp':
      return timestampFormatter();
  }
}

/** Decimal, without a plus or leading zeros; -0 is 0. Text is exact beyond 2^53, where a number is not. */
function formatInt64(value: number | string): string {
  if (typeof value === 'string') return BigInt(value).toString();
  return Number.isSafeInteger(value) ? String(value === 0 ? 0 : value) : BigInt(value).toString();
}

/** Rows of one request nearly always share their hour: the last text is kept, formatting one costs 400 ns. */
function timestampFormatter(): KeyPartFormatter {
  let lastMs = Number.NaN;
  let lastText = '';
  return (value) => {
    const ms = Number(value);
    if (ms !== lastMs) {
      lastText = formatTimestamp(ms);
      lastMs = ms;
    }
    return lastText;
  };
}

/** What every key of a table begins with. Projects and tables are labels: they hold none of the reserved characters. */
export function tablePrefix(project: string, table: string): string {
  return `${project}:${table}:`;
}

/** The key of a row as stores hold it: `project:table:part|part`. */
export function rowKey(project: string, table: string, text: string): string {
  return tablePrefix(project, table) + text;
}
