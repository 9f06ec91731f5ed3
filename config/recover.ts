import type { YAMLParseError } from 'yaml';
import type { Path } from './places.ts';

/** So many broken blocks are told of one file; what has more is not YAML. */
const MAX_BLOCKS = 20;
/** A line that begins something: a key, or an item of a list. */
const BEGINNING = /^([ \t]*)((?:- +)*)(?:("[^"]*"|'[^']*'|[^\s#"'[\]{},][^#:]*?)[ \t]*:(?=\s|$)|-(?=\s|$))/;

/** A block of lines that is no YAML: its problem, and the path of what it would have been. */
export interface BrokenBlock {
  /** Offset of the problem in the text. */
  offset: number;
  message: string;
  path: Path;
}

interface Block {
  from: number;
  to: number;
}

/**
 * Text with its broken blocks blanked out, every other character where it was, and what was wrong with each. A syntax
 * error is mostly noticed behind its cause (an open bracket swallows the lines below it), so the block is the nearest
 * one above the error that cannot be read by itself: a key or item with all that is indented below it.
 */
export function findBroken(
  text: string,
  errorsOf: (text: string) => readonly YAMLParseError[],
): { text: string; blocks: BrokenBlock[] } {
  const found: (BrokenBlock & Block)[] = [];
  let left = text;
  for (let round = 0; round < MAX_BLOCKS; round++) {
    const [error] = errorsOf(left);
    if (!error) return { text: left, blocks: found.map(({ offset, message, path }) => ({ offset, message, path })) };
    const broken = readBroken(left, error, errorsOf);
    // What a block holds was an echo of what is wrong with the block.
    const outer = found.filter((each) => each.from < broken.from || each.to > broken.to);
    found.splice(0, found.length, ...outer, broken);
    const blanked = blank(left, broken);
    if (blanked === left) break;
    left = blanked;
  }
  const [first] = found.toSorted((a, b) => a.offset - b.offset);
  return { text: blank(text, { from: 0, to: text.length }), blocks: first ? [{ ...first, path: [] }] : [] };
}

function readBroken(
  text: string,
  error: YAMLParseError,
  errorsOf: (text: string) => readonly YAMLParseError[],
): BrokenBlock & Block {
  const [at] = error.pos;
  if (error.code === 'MULTIPLE_DOCS') {
    return { from: at, to: text.length, offset: at, message: sentenceOf(error, text), path: ['---'] };
  }
  const line = { from: lineStart(text, at), to: lineEnd(text, at) };
  if (/^ *\t[ \t]*\S/.test(lineAt(text, line.from))) {
    // By itself such a line may be YAML; and how far its block goes nobody knows.
    return { ...line, offset: at, message: sentenceOf(error, text), path: pathOf(text, line.from) };
  }
  if (error.code !== 'RESOURCE_EXHAUSTION') {
    for (let from = lineStart(text, at); ; from = lineStart(text, from - 1)) {
      const block = blockAt(text, from);
      const [own] = block ? errorsOf(text.slice(block.from, block.to)) : [];
      if (block && own) {
        return { ...block, ...sayBroken(own, text, block), path: pathOf(text, from) };
      }
      if (from === 0) break;
    }
  }
  const whole = { from: 0, to: text.length };
  return { ...whole, offset: at, message: sentenceOf(error, text), path: [] };
}

/** An open bracket or quote is noticed where the next thing begins, or the file ends: it is told where it stands. */
function sayBroken(error: YAMLParseError, text: string, { from, to }: Block): { offset: number; message: string } {
  const isOpen = /end with a [\]}]|missing closing/i.test(error.message);
  const open = isOpen ? openMark(text.slice(from, to)) : undefined;
  if (open !== undefined) return { offset: from + open, message: `the \`${text[from + open]}\` is never closed` };
  const at = from + error.pos[0];
  const offset = at + (/^ +(?=\S)/.exec(text.slice(at, lineEnd(text, at)))?.[0].length ?? 0);
  return { offset, message: sentenceOf(error, text, offset) };
}

/** The innermost bracket, or the quote, that nothing closes; quotes and comments have no brackets. */
function openMark(text: string): number | undefined {
  const open: number[] = [];
  for (const { 0: symbol, index } of text.matchAll(
    /(?<=[\s[{:,])(?:"(?:[^"\\]|\\.)*"?|'[^']*'?)|(?<=\s)#[^\n]*|[[\]{}]/gs,
  )) {
    if (/^["']/.test(symbol) && (symbol.length === 1 || symbol.at(-1) !== symbol[0])) return index;
    if (symbol === '[' || symbol === '{') open.push(index);
    else if (symbol === ']' || symbol === '}') open.pop();
  }
  return open.at(-1);
}

function sentenceOf({ code, message, pos }: YAMLParseError, text: string, at = pos[0]): string {
  if (code === 'MULTIPLE_DOCS') return 'the file has more than one document: take out what begins with `---`';
  if (message.startsWith('Nested mappings')) {
    return 'a second `key:` on one line: put it on a line of its own, or its text in quotes';
  }
  if (code === 'RESOURCE_EXHAUSTION') return 'the nesting is too deep to read';
  if (text.startsWith('${', at - 1)) return 'inside of { } and [ ] a `${…}` is written in quotes';
  if (/^\w\[\]/.test(text.slice(at - 1, at + 2)))
    return 'inside of { } and [ ] a text with brackets is written in quotes';
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** The key or item that begins on the line at `from`, with the lines below it that are indented deeper. */
function blockAt(text: string, from: number): Block | undefined {
  const [beginning, indent = '', dashes = ''] = BEGINNING.exec(lineAt(text, from)) ?? [];
  if (beginning === undefined) return undefined;
  let to = lineEnd(text, from);
  while (to < text.length) {
    const line = lineAt(text, to);
    const depth = /^[ \t]*/.exec(line)?.[0].length ?? 0;
    const isListOfKey =
      dashes === '' && depth === indent.length && /^[ \t]*-(\s|$)/.test(line) && !beginning.endsWith('-');
    if (line.trim() !== '' && depth <= indent.length && !isListOfKey && !/^[ \t]*#/.test(line)) break;
    to = lineEnd(text, to);
  }
  return { from, to };
}

/** The keys round the line at `from`, outermost first, as far as the indentation tells; a list ends them. */
function pathOf(text: string, from: number): Path {
  const steps: string[] = [];
  let depth = Number.POSITIVE_INFINITY;
  for (let at = from; ; at = lineStart(text, at - 1)) {
    const [, indent = '', dashes = '', key] = BEGINNING.exec(lineAt(text, at)) ?? [];
    if (key !== undefined && indent.includes('\t')) {
      // How deep a tab is nobody knows: as deep as the line above it.
      if (at === from) steps.unshift(key);
    } else if (key !== undefined && indent.length < depth) {
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

function blank(text: string, { from, to }: Block): string {
  return text.slice(0, from) + text.slice(from, to).replace(/[^\r\n]/g, ' ') + text.slice(to);
}

function lineStart(text: string, at: number): number {
  return at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

function lineAt(text: string, from: number): string {
  return text.slice(from, lineEnd(text, from)).replace(/\r?\n$/, '');
}
