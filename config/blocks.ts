import type { Path } from './places.ts';

/** A line that begins something: a key, or an item of a list. */
const BEGINNING = /^([ \t]*)((?:- +)*)(?:("[^"]*"|'[^']*'|[^\s#"'[\]{},][^#:[\]{}]*?)[ \t]*:(?=\s|$)|-(?=\s|$))/;

/** Lines of a text, from the beginning of the first to behind the last. */
export interface Block {
  from: number;
  to: number;
}

/** The key or item that begins on the line at `from`, with the lines below it that are indented deeper. */
export function blockAt(text: string, from: number): Block | undefined {
  const [beginning, indent = '', dashes = ''] = BEGINNING.exec(lineAt(text, from)) ?? [];
  if (beginning === undefined) return undefined;
  const mayHoldList = dashes === '' && !beginning.endsWith('-');
  return { from, to: deeperEnd(text, from, indent.length, mayHoldList) };
}

/** Where the lines end that are indented deeper than `indent`; the items of a key's list may stand as deep as the key. */
function deeperEnd(text: string, from: number, indent: number, mayHoldList: boolean): number {
  let to = lineEnd(text, from);
  while (to < text.length) {
    const line = lineAt(text, to);
    const depth = /^[ \t]*/.exec(line)?.[0].length ?? 0;
    const isListOfKey = mayHoldList && depth === indent && /^[ \t]*-(\s|$)/.test(line);
    if (line.trim() !== '' && depth <= indent && !isListOfKey && !/^[ \t]*#/.test(line)) break;
    to = lineEnd(text, to);
  }
  return to;
}

/** The keys round the line at `from`, outermost first, as far as the indentation tells; a list ends them. `deepest` is the indentation of a line that has no key. */
export function pathOf(text: string, from: number, deepest = Number.POSITIVE_INFINITY): Path {
  const steps: string[] = [];
  let depth = deepest;
  for (let at = from; ; at = lineStart(text, at - 1)) {
    const [, indent = '', dashes = '', key] = BEGINNING.exec(lineAt(text, at)) ?? [];
    if (key !== undefined && indent.length < depth) {
      // What stands in an item of a list is known no closer than the list.
      if (dashes === '') steps.unshift(key.replace(/^["']|["']$/g, ''));
      else steps.length = 0;
      depth = indent.length + (dashes === '' ? 0 : 1);
    } else if (key === undefined && dashes === '' && /^[ \t]*-(\s|$)/.test(lineAt(text, at)) && indent.length < depth) {
      steps.length = 0;
      depth = indent.length + 1;
    }
    if (at === 0 || depth === 0) return steps;
  }
}

/** A line that should hold a key, and has no colon and blank behind it. */
export interface BareLine {
  block: Block;
  offset: number;
  text: string;
  path: Path;
}

/** A line without a key: its first word would have been one. */
const BARE = /^( *)((?:- +)*)([A-Za-z_][\w.-]*)(?![\w.-]|[ \t]*:(?:\s|$))/;

/**
 * The line without a key that an error is due to: the one above the error's, which was taken for a text that goes on, or
 * the error's own where a bracket follows the word, or where the parser saw a key that `runsOn` to a second line.
 * Undefined where the lines are not of that kind.
 */
export function bareLineAt(text: string, error: number, runsOn: boolean): BareLine | undefined {
  const own = lineStart(text, error);
  const isOwn = /^[ -]*[A-Za-z_][\w.-]* +[[{]/.test(lineAt(text, own)) || (runsOn && BARE.test(lineAt(text, own)));
  const from = isOwn ? own : contentAbove(text, own);
  const [, indent = '', dashes = '', word] = (from === undefined ? null : BARE.exec(lineAt(text, from))) ?? [];
  if (from === undefined || word === undefined) return undefined;
  const depth = indent.length + dashes.length;
  const line = lineAt(text, own);
  const isBelow = BEGINNING.test(line) && depth <= (/^[ -]*/.exec(line)?.[0].length ?? 0);
  if (!isOwn && (!isBelow || /,\s*$/.test(lineAt(text, from)))) return undefined;
  const around = pathOf(text, from, dashes === '' ? depth : Number.POSITIVE_INFINITY);
  return {
    block: { from, to: deeperEnd(text, from, indent.length, false) },
    offset: from + depth,
    text: lineAt(text, from).trim(),
    path: dashes === '' ? [...around, word] : around,
  };
}

/** A line that begins with tabs, with what is indented below it. */
export interface TabbedLine {
  block: Block;
  offset: number;
  /** How deep a tab is nobody knows: the line may stand in what its blanks say, or in the line above it. */
  paths: readonly Path[];
}

/** The line with tabs before its text that an error may be due to: the next one, or else the nearest above. */
export function tabbedLineAt(text: string, error: number): TabbedLine | undefined {
  let next = lineStart(text, error);
  while (next < text.length && isBlankLine(lineAt(text, next))) next = lineEnd(text, next);
  for (let from: number | undefined = next; from !== undefined; from = contentAbove(text, from)) {
    const [, blanks, word] = /^( *)\t[ \t]*(?:([\w.-]+)[ \t]*:|\S)/.exec(lineAt(text, from)) ?? [];
    if (blanks === undefined) continue;
    const own = word === undefined ? [] : [word];
    const opens = /[:-]\s*(#.*)?$/.test(lineAt(text, from));
    const inside = [pathOf(text, from, blanks.length), pathOf(text, contentAbove(text, from) ?? 0)];
    return {
      // What has its value on its line holds none of the lines below.
      block: { from, to: opens ? deeperEnd(text, from, blanks.length, false) : lineEnd(text, from) },
      offset: from + blanks.length,
      paths: inside.map((around) => [...around, ...own]),
    };
  }
  return undefined;
}

/** The nearest line above that is neither empty nor a comment. */
function contentAbove(text: string, from: number): number | undefined {
  for (let at = from; at > 0;) {
    at = lineStart(text, at - 1);
    if (!isBlankLine(lineAt(text, at))) return at;
  }
  return undefined;
}

function isBlankLine(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}

/** Where the line of an offset begins. */
export function lineStart(text: string, at: number): number {
  return at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

/** Where the next line begins. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

/** The line that begins at an offset, without its break. */
function lineAt(text: string, from: number): string {
  return text.slice(from, lineEnd(text, from)).replace(/\r?\n$/, '');
}
