import type { ScalarType } from '../../../cel/types.ts';

/** A part of a view's key: its name in templates and bodies, and its type. */
export interface KeyPart {
  part: string;
  type: ScalarType;
}

/**
 * The parts of a key's canonical text, `|` between them and escapes undone, so that each is the value's own text.
 * Undefined where the text has another number of parts than the view's key.
 */
export type SplitKey = (text: string) => readonly string[] | undefined;

export function compileSplit(parts: readonly KeyPart[]): SplitKey {
  return (text) => {
    const texts = text.split('|');
    return texts.length === parts.length ? texts.map(unescapeKeyPart) : undefined;
  };
}

/** Undoes row-key.ts's `escapeKeyPart`: what it escapes is one byte each. */
export function unescapeKeyPart(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** A part's text as JSON: a string quoted, a number or flag bare; undefined where JSON cannot say it. */
export function partJson(type: ScalarType, text: string): string | undefined {
  switch (type) {
    case 'string':
      // A lone surrogate has no UTF-8: on the wire it would be another key.
      return text.isWellFormed() ? JSON.stringify(text) : undefined;
    case 'timestamp':
      return `"${text}"`;
    case 'int64':
      // Beyond 2^53 most readers of JSON would round a number: it goes as the decimal text that our own inputs take.
      return Number.isSafeInteger(Number(text)) ? text : `"${text}"`;
    case 'double':
      return Number.isFinite(Number(text)) ? text : undefined;
    case 'bool':
      return text;
  }
}
