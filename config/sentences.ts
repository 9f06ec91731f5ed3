import type { z } from 'zod';
import { SCALAR_TYPES } from '../cel/types.ts';
import { didYouMean, nearestName } from '../foundation/nearest.ts';
import type { Rule } from './rules.ts';

type Issue = z.core.$ZodIssue;

/** What a schema's issue says to a researcher: the rule it breaks and the sentence's end, after the key's name. */
export interface Sentence {
  rule: Rule;
  text: string;
}

/** Stands for the input of an issue whose text came from the environment: it may be a secret, and is not told. */
export const HIDDEN = Symbol('hidden');

/** A value is of one of several kinds: `a string, a number or a map`. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'a boolean',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  null: 'null',
};

/** Words of other languages for the types. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  float: 'double',
  float32: 'double',
  float64: 'double',
  number: 'double',
  decimal: 'double',
  int: 'int64',
  int32: 'int64',
  integer: 'int64',
  long: 'int64',
  boolean: 'bool',
  str: 'string',
  text: 'string',
  varchar: 'string',
  date: 'timestamp',
  datetime: 'timestamp',
  time: 'timestamp',
};

/** The sentence of one issue that is no unrecognized key. Messages of our own stand in the schema beside their rule. */
export function sentenceOf(issue: Issue): Sentence {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.message !== '') return { rule: 'WRONG_TYPE', text: `${issue.message}; this is ${kindOf(issue.input)}` };
      return wrongKind([issue.expected], issue.input);
    case 'invalid_value':
      return issue.message === ''
        ? wrongValue(issue.values, issue.input)
        : { rule: 'WRONG_VALUE', text: issue.message };
    case 'too_small':
    case 'too_big':
      return outOfRange(issue);
    case 'invalid_union':
      return ofUnion(issue);
    case 'invalid_format':
      return { rule: 'NAME_SYNTAX', text: issue.message };
    case 'invalid_key':
      return { rule: 'NAME_SYNTAX', text: issue.issues[0]?.message ?? 'this can be no name' };
    case 'custom':
      return { rule: (issue.params?.['rule'] as Rule | undefined) ?? 'TOO_FEW', text: issue.message };
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return { rule: 'WRONG_VALUE', text: 'this value is not understood' };
  }
}

/** What a value is, for the end of "must be a string, is …". */
function kindOf(value: unknown): string {
  if (value === HIDDEN) return 'another text in the environment';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the string ${quote(value)}`;
  return `${value as number | boolean}`;
}

function quote(value: unknown): string {
  const text = String(value);
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
}

function either(kinds: readonly string[]): string {
  return [kinds.slice(0, -1).join(', '), ...kinds.slice(-1)].filter((part) => part !== '').join(' or ');
}

function wrongKind(expected: readonly string[], input: unknown): Sentence {
  const kinds = [...new Set(expected.map((kind) => KINDS[kind] ?? kind))];
  const mend = expected.length === 1 ? mendOf(expected[0], input) : '';
  return { rule: 'WRONG_TYPE', text: `must be ${either(kinds)}, is ${kindOf(input)}${mend}` };
}

/** What YAML 1.1 took for booleans, and 1.2 for strings. */
const OLD_BOOLEANS: Readonly<Record<string, string>> = { yes: 'true', on: 'true', no: 'false', off: 'false' };

function mendOf(expected: string | undefined, input: unknown): string {
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) return '; write it in quotes';
  const word = typeof input === 'string' ? input.toLowerCase() : '';
  if (expected === 'boolean' && Object.hasOwn(OLD_BOOLEANS, word)) return `; write \`${OLD_BOOLEANS[word]}\``;
  return '';
}

function wrongValue(values: readonly z.core.util.Primitive[], input: unknown): Sentence {
  const words = values.map(String);
  if (words.includes('timestamp')) return unknownType(input, words.includes('string?'));
  if (typeof input !== 'string') {
    return { rule: 'WRONG_VALUE', text: `must be ${either(words.map(quote))}, is ${kindOf(input)}` };
  }
  return {
    rule: 'WRONG_VALUE',
    text: `must be ${either(words.map(quote))}, is ${quote(input)}${didYouMean(input, words)}`,
  };
}

function unknownType(input: unknown, orOptional: boolean): Sentence {
  const types = `the types are ${SCALAR_TYPES.join(', ')}${orOptional ? ', and with `?` for an input that may be left out' : ''}`;
  if (typeof input !== 'string') return { rule: 'UNKNOWN_TYPE', text: `must be a type, is ${kindOf(input)}; ${types}` };
  if (input === 'bytes' || input.endsWith('[]'))
    return { rule: 'UNKNOWN_TYPE', text: `${quote(input)} is not a type yet; ${types}` };
  if (!orOptional && input.endsWith('?')) {
    return { rule: 'UNKNOWN_TYPE', text: `${quote(input)} is no type here, only an input is optional; ${types}` };
  }
  const bare = input.replace('?', '').toLowerCase();
  const near = Object.hasOwn(OTHER_WORDS, bare)
    ? bare
    : nearestName(bare, [...SCALAR_TYPES, ...Object.keys(OTHER_WORDS)]);
  const type = near !== undefined && Object.hasOwn(OTHER_WORDS, near) ? OTHER_WORDS[near] : near;
  const meant = type === undefined ? '' : `, did you mean \`${type}\`?`;
  return { rule: 'UNKNOWN_TYPE', text: `${quote(input)} is not a type${meant || `; ${types}`}` };
}

function outOfRange(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): Sentence {
  const [bound, word] = issue.code === 'too_small' ? [issue.minimum, 'least'] : [issue.maximum, 'most'];
  if (issue.origin === 'string') return { rule: 'TOO_FEW', text: issue.message || 'must not be empty' };
  if (issue.origin === 'array') return { rule: 'TOO_FEW', text: `must list at ${word} ${bound}` };
  return { rule: 'OUT_OF_RANGE', text: `must be at ${word} ${bound}, is ${kindOf(issue.input)}` };
}

/** No option of a union takes the value: the kinds they would take, and the fixed words among them. */
function ofUnion(issue: Extract<Issue, { code: 'invalid_union' }>): Sentence {
  const first = issue.errors.map((issues) => issues[0]);
  const typeWords = first.find((option) => option?.code === 'invalid_value' && option.values.includes('timestamp'));
  if (typeWords) return sentenceOf({ ...typeWords, input: issue.input } as Issue);
  const words = first.flatMap((option) => (option?.code === 'invalid_value' ? option.values.map(String) : []));
  const kinds = first.flatMap((option) => (option?.code === 'invalid_type' ? [option.expected] : []));
  if (words.length === 0) return wrongKind(kinds, issue.input);
  const allowed = [...words.map(quote), ...kinds.flatMap((kind) => (kind === 'null' ? [] : [KINDS[kind] ?? kind]))];
  const meant = typeof issue.input === 'string' ? didYouMean(issue.input, words) : '';
  return { rule: 'WRONG_VALUE', text: `must be ${either(allowed)}, is ${kindOf(issue.input)}${meant}` };
}
