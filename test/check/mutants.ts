import { lineOf, partsOf, type Part } from './places.ts';
import { referencesTo } from './references.ts';

/** A text with one mistake in it. */
export interface Mutant {
  /** What was done. */
  kind: Kind;
  /** Where, with `*` for names: `views.*.key`; of a whole line, its text. */
  pattern: string;
  /** What was put there. */
  put: string;
  text: string;
  /** The lines that a problem is expected on. */
  lines: number[];
}

export type Kind =
  | 'renamed key'
  | 'wrong kind'
  | 'emptied'
  | 'null'
  | 'wrong unit'
  | 'out of range'
  | 'changed word'
  | 'wrong syntax'
  | 'duplicate key'
  | 'removed key'
  | 'broken line';

/** One edit of the text, and the lines that it should be told on; its own line unless said. */
interface Edit {
  kind: Kind;
  from: number;
  to: number;
  put: string;
  lines?: number[];
}

/**
 * Every mutant of a text that has a comment with `Required.` over each key that is. They have its comments without
 * their words, which are what takes the longest to read again and again.
 */
export function mutantsOf(commented: string): Mutant[] {
  const called = partsOf(commented).filter((part) => isCalledRequired(part, commented));
  const required = new Set(called.map(({ pattern }) => pattern));
  const text = commented.replace(/^( *(?:- )?#).*$/gm, '$1');
  const parts = partsOf(text);
  const ofParts = parts.flatMap((part) =>
    [
      ...renamed(part, text),
      ...wrongKinds(part, text),
      ...wrongTexts(part, text),
      ...changedWords(part, text),
      ...duplicated(part, text),
      ...(required.has(part.pattern) ? removed(part, parts, text) : []),
    ].map((edit) => applied(edit, part.pattern, text)),
  );
  return [...ofParts, ...brokenLines(text)].filter((mutant) => mutant.text !== text);
}

function applied({ kind, from, to, put, lines }: Edit, pattern: string, text: string): Mutant {
  const mutated = text.slice(0, from) + put + text.slice(to);
  return { kind, pattern, put, text: mutated, lines: lines ?? [lineOf(text, from)] };
}

function isCalledRequired({ key }: Part, text: string): boolean {
  if (!key) return false;
  const above = text.slice(0, text.lastIndexOf('\n', key[0]) + 1);
  return /#[^\n]* Required\.\n$/.test(above);
}

/** Keys that are names of the user, which others refer to: a change is told where they do. Any other is told itself. */
const DEFINES =
  /^(inputs\.\w+|stores|stores\.\*\.options|services|services\.\*\.headers|views|views\.\*\.(key|fields|batch\.body)|onDemand|onDemand\.\*\.args|models|models\.\*\.outputs)\.\*$/;

function renamed(part: Part, text: string): Edit[] {
  const { key } = part;
  if (!key) return [];
  const edit: Edit = { kind: 'renamed key', from: key[1], to: key[1], put: 'x' };
  return [DEFINES.test(part.pattern) ? { ...edit, lines: referencesTo(part, text) } : edit];
}

/** The value replaced by one of another kind, by nothing, and by null. */
function wrongKinds(part: Part, text: string): Edit[] {
  const { kind, data } = part;
  const others = kind === 'map' ? ['wrong', '42', '[wrong]'] : kind === 'list' ? ['wrong', '42', '{ wrong: 1 }'] : [];
  if (kind === 'scalar') others.push('{ wrong: 1 }', '[wrong]', typeof data === 'string' ? '42' : 'wrong');
  const edits = [
    ...others.map((put) => replaced(part, 'wrong kind', put, text)),
    replaced(part, 'null', part.isBlock ? '~' : 'null', text),
  ];
  if (part.inFlow && !part.key) return edits;
  const emptied = replaced(part, 'emptied', '', text);
  // Of an item that begins with a comment the dash is left.
  const dash = text.lastIndexOf('- ', part.value[0]);
  return [...edits, part.key ? emptied : { ...emptied, lines: [lineOf(text, dash)] }];
}

/** The value of a part replaced; a block in lines of its own comes to stand behind its key. */
function replaced({ key, value, isBlock }: Part, kind: Kind, put: string, text: string): Edit {
  const [start, to] = value;
  if (!isBlock || !key) return { kind, from: start, to, put };
  return { kind, from: key[1], to, put: `: ${put}`.trimEnd(), lines: [lineOf(text, key[1])] };
}

const DURATION_OR_SIZE = /^\d+(ms|s|m|h|d|KiB|MiB)$/;

/** Numbers out of range, units that are none, texts that do not have the form of what they should be. */
function wrongTexts(part: Part, text: string): Edit[] {
  const { kind, data } = part;
  if (kind !== 'scalar') return [];
  const put = (as: Kind, value: string): Edit => replaced(part, as, value, text);
  if (typeof data === 'number') return ['-1', '1.5', '99999999999'].map((value) => put('out of range', value));
  if (typeof data !== 'string') return [];
  if (DURATION_OR_SIZE.test(data)) {
    const digits = Number.parseInt(data, 10);
    const units = [
      `${digits}`,
      `'${digits}'`,
      `${data}x`,
      `${digits} ${data.slice(String(digits).length)}`,
      `-${data}`,
    ];
    return units.map((value) => put('wrong unit', value));
  }
  const edits = [`""`, `"\${${data}"`, `"\${A B}"`, `"\${ABSENT}"`];
  if (data.startsWith('/')) edits.push(data.slice(1), `$.${data.slice(1)}`);
  if (isCel(part.pattern)) edits.push(`"${data} +"`, `"(${data}"`, `"nothing(${data})"`, `"${data} == 'a"`);
  return edits.map((value) => put('wrong syntax', value));
}

function isCel(pattern: string): boolean {
  return /^views\.\*\.key\.\*$|\.cel$/.test(pattern);
}

/** Each word of a text with its last letter changed: a reference to nothing, a word that is none of a set. */
function changedWords(part: Part, text: string): Edit[] {
  if (part.kind !== 'scalar' || typeof part.data !== 'string' || DURATION_OR_SIZE.test(part.data)) return [];
  const [start, end] = part.value;
  return Array.from(text.slice(start, end).matchAll(/[A-Za-z_]{2,}\d*/g), ({ 0: word, index }) => {
    const from = start + index;
    const last = from + word.length - 1;
    const put = `${text.slice(start, last)}${word.endsWith('x') ? 'y' : 'x'}${text.slice(last + 1, end)}`;
    const edit: Edit = { kind: 'changed word', from: start, to: end, put };
    return part.pattern.endsWith('.table') ? { ...edit, lines: referencesTo(part, text) } : edit;
  });
}

function duplicated({ key, value, inFlow }: Part, text: string): Edit[] {
  if (!key) return [];
  const [, end] = value;
  const copy = text.slice(key[0], end);
  const put = inFlow ? `, ${copy}` : `\n${' '.repeat(key[0] - (text.lastIndexOf('\n', key[0]) + 1))}${copy}`;
  const line = lineOf(text, end) + (inFlow ? 0 : 1);
  return [{ kind: 'duplicate key', from: end, to: end, put, lines: [line] }];
}

/** A required key taken out, lines kept; the problem is with what needs it. */
function removed({ key, value, path, inFlow }: Part, parts: readonly Part[], text: string): Edit[] {
  if (!key) return [];
  const above = parts.find((part) => part.path.join('\0') === path.slice(0, -1).join('\0'));
  const next = parts.find((part) => part.path.length === 1 && part.path[0] !== path[0]);
  const at = above ? (above.key?.[0] ?? above.value[0]) : (next?.key?.[0] ?? 0);
  const comma = inFlow ? (/^,? */.exec(text.slice(value[1]))?.[0] ?? '') : '';
  const put = text.slice(key[0], value[1]).replace(/[^\n]/g, '');
  const isFirst = above !== undefined && lineOf(text, above.value[0]) === lineOf(text, key[0]) && !above.key;
  const lines = isFirst ? [lineOf(text, at), lineOf(text, at) + 2] : [lineOf(text, at)];
  return [{ kind: 'removed key', from: key[0], to: value[1] + comma.length, put, lines }];
}

/**
 * Each line with a bracket too few or too many, a quote that stays open, its colon lost, a tab before it. Every third of
 * these, which is each kind on every third line: the whole file is read anew for each, and all of them took half a minute.
 */
function brokenLines(text: string): Mutant[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const variants = [
      ...[']', '}', '[', '{'].filter((bracket) => line.includes(bracket)).map((bracket) => line.replace(bracket, '')),
      line.replace(/: (?=\S)|- (?=[\w'])/, '$&['),
      line.replace(/: (?=\S)|- (?=[\w'])/, '$&{'),
      line.replace(/:$/, ': ['),
      line.replace(/:$/, ': }'),
      line.replace(/: (?=[^\s'])/, ': "'),
      line.replace(/^(\s*[\w-]+):/, '$1'),
      line.replace(/: (?=\S)/, ':'),
      `${line}]`,
      line.replace(/^( *)/, '$1\t'),
    ];
    const chosen = [...new Set(variants)].filter((_, at) => (index + at) % 3 === 0);
    return chosen.map((variant): Mutant => {
      const mutated = lines.with(index, variant).join('\n');
      return { kind: 'broken line', pattern: line.trim(), put: variant, text: mutated, lines: [index + 1] };
    });
  });
}
