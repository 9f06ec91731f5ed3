import type { YAMLParseError } from 'yaml';
import { bareLineAt, type Block, blockAt, lineEnd, lineStart, pathOf, tabbedLineAt } from './blocks.ts';
import type { Path } from './places.ts';

/** So many broken blocks are told of one file; what has more is not YAML. */
const MAX_BLOCKS = 20;
/** A block of lines that is no YAML: its problem, and the paths of what it would have been, or may have been. */
export interface BrokenBlock {
  /** Offset of the problem in the text. */
  offset: number;
  message: string;
  paths: readonly Path[];
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
    if (!error) return { text: left, blocks: found.map(({ offset, message, paths }) => ({ offset, message, paths })) };
    const broken = readBroken(left, error, errorsOf);
    // What a block holds was an echo of what is wrong with the block.
    const outer = found.filter((each) => each.from < broken.from || each.to > broken.to);
    found.splice(0, found.length, ...outer, broken);
    const blanked = blank(left, broken);
    if (blanked === left) break;
    left = blanked;
  }
  const [first] = found.toSorted((a, b) => a.offset - b.offset);
  return { text: blank(text, { from: 0, to: text.length }), blocks: first ? [{ ...first, paths: [[]] }] : [] };
}

function readBroken(
  text: string,
  error: YAMLParseError,
  errorsOf: (text: string) => readonly YAMLParseError[],
): BrokenBlock & Block {
  const [at] = error.pos;
  if (error.code === 'MULTIPLE_DOCS') {
    return { from: at, to: text.length, offset: at, message: sentenceOf(error, text), paths: [['---']] };
  }
  if (error.code !== 'RESOURCE_EXHAUSTION') {
    const tabbed = tabbedLineAt(text, at);
    // A tab in the middle of { } is none of indentation: taken out, it changes nothing.
    if (tabbed && errorsOf(blank(text, tabbed.block))[0]?.pos[0] !== at) {
      const message = 'tabs are not allowed as indentation: write blanks';
      return { ...tabbed.block, offset: tabbed.offset, message, paths: tabbed.paths };
    }
    const bare = bareLineAt(text, at, error.code === 'MULTILINE_IMPLICIT_KEY');
    if (bare) {
      const message = `\`${bare.text}\` is no \`key: value\`: a colon and a blank stand behind a key`;
      return { ...bare.block, offset: bare.offset, message, paths: [bare.path] };
    }
    for (let from = lineStart(text, at); ; from = lineStart(text, from - 1)) {
      const block = blockAt(text, from);
      const [own] = block ? errorsOf(text.slice(block.from, block.to)) : [];
      if (block && own) {
        return { ...block, ...sayBroken(own, text, block), paths: [pathOf(text, from)] };
      }
      if (from === 0) break;
    }
  }
  const whole = { from: 0, to: text.length };
  return { ...whole, offset: at, message: sentenceOf(error, text), paths: [[]] };
}

/** An open bracket or quote is noticed where the next thing begins, or the file ends: it is told where it stands. */
function sayBroken(error: YAMLParseError, text: string, { from, to }: Block): { offset: number; message: string } {
  const isSaid = /end with a [\]}]|missing closing/i.test(error.message);
  const open = openMark(text.slice(from, to));
  const isOpen = open !== undefined && (isSaid || (open < error.pos[0] && beginsValue(text, from + open)));
  if (isOpen) return { offset: from + open, message: `the \`${text[from + open]}\` is never closed` };
  const at = from + error.pos[0];
  const offset = at + (/^ +(?=\S)/.exec(text.slice(at, lineEnd(text, at)))?.[0].length ?? 0);
  return { offset, message: sentenceOf(error, text, offset) };
}

/** Whether nothing but a key or dashes stand before a place on its line: in the middle of a text a bracket is text. */
function beginsValue(text: string, at: number): boolean {
  return /(?:^|[:-]) *$/.test(text.slice(lineStart(text, at), at));
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

function blank(text: string, { from, to }: Block): string {
  return text.slice(0, from) + text.slice(from, to).replace(/[^\r\n]/g, ' ') + text.slice(to);
}
