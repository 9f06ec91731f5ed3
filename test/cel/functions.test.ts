import { readFileSync } from 'node:fs';
import { Environment } from '@marcbachmann/cel-js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkExpression } from '../../cel/check.ts';
import { celTypeOf } from '../../cel/cel-type.ts';
import { compileExpression } from '../../cel/compile.ts';
import { parseDurationText } from '../../cel/duration-text.ts';
import { FUNCTIONS } from '../../cel/functions.ts';
import { isCelWord, isGrammarWord } from '../../cel/names.ts';
import { SCALAR_TYPES } from '../../cel/types.ts';
import type { ScalarType } from '../../cel/types.ts';
import { evaluateText } from './evaluate.ts';

const documentation = readFileSync(new URL('../../docs/cel.md', import.meta.url), 'utf8');

test('docs/cel.md lists every function as the table has it, in its order, and no other', () => {
  const listed = [...documentation.matchAll(/^\| `([^`]+\): \w+)` +\| (.+?) +\|$/gm)].map(([, signature, doc]) => [
    signature,
    doc,
  ]);
  expect(listed).toEqual(FUNCTIONS.map(({ signature, doc }) => [signature, doc]));
});

test('the examples of docs/cel.md check, without a warning where a timezone is set', () => {
  const scope = new Map<string, ScalarType>([
    ['request.time', 'timestamp'],
    ['instance.carrier', 'string'],
    ['plane.year', 'int64'],
    ['plane.seats', 'int64'],
  ]);
  const examples = [...documentation.matchAll(/type: (\w+), cel: (["'])(.+)\2 \}/g)];
  expect(examples.length).toBeGreaterThan(2);
  for (const [, type, , text] of examples) {
    const { checked, problems } = checkExpression(text, scope, { timezone: 'America/New_York' });
    expect([checked?.type, problems]).toEqual([type, []]);
  }
});

describe('every overload checks, compiles and gives null for a null operand', () => {
  const literals: Record<string, string> = {
    'truncate(timestamp, string): timestamp': "'1h'",
    'string.matches(string): bool': "'a+'",
  };
  test.each(FUNCTIONS.map((entry) => [entry.signature, entry] as const))(
    '%s',
    (signature, { name, isMethod, operands, result }) => {
      const names = SCALAR_TYPES.map((type) => [`x_${celTypeOf(type)}`, type] as const);
      const values = operands.map((type, at) =>
        at === 1 && literals[signature]
          ? literals[signature]
          : type === 'duration'
            ? '(x_timestamp - x_timestamp)'
            : `x_${type}`,
      );
      const call = isMethod ? `${values[0]}.${name}(${values.slice(1).join(', ')})` : `${name}(${values.join(', ')})`;
      const text = result === 'duration' ? `(${call}).getSeconds()` : call;
      const { checked, problems } = checkExpression(text, new Map(names), { timezone: 'UTC' });
      expect(problems).toEqual([]);
      const slotOf = (asked: string) => ({ slot: names.findIndex(([known]) => known === asked), perInstance: true });
      const columns = names.map(([, type]) => (type === 'string' ? [null] : Float64Array.of(Number.NaN)));
      const value = compileExpression(checked!, slotOf)(columns, 0);
      expect(result === 'string' ? value : Number.isNaN(value)).toBe(result === 'string' ? null : true);
    },
  );
});

test.each([
  ['90m', 5_400_000],
  ['1h30m', 5_400_000],
  ['-1.5h', -5_400_000],
  ['0.1s', 100],
  ['250ms', 250],
  ['1000us', 1],
  ['1d', 86_400_000],
  ['', Number.NaN],
  ['-', Number.NaN],
  ['5', Number.NaN],
  ['1h ', Number.NaN],
  ['1us', Number.NaN],
  ['999999999d', Number.NaN],
])('the duration %j is %d ms', (text, ms) => expect(parseDurationText(text)).toBe(ms));

test('whatever a row holds, conversions give a value or null', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.double().map(String),
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      ),
      (text) => {
        for (const call of ['int(s)', 'double(s)', 'bool(s)', 'timestamp(s)', "duration(s) == duration('1s')"]) {
          const value = evaluateText(call, { s: ['string', text] });
          expect(typeof value).toBe('number');
          expect(Math.abs(Number(value))).not.toBe(Infinity);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('a timestamp that no calendar holds gives null or a number, and never throws', () => {
  for (const ms of [1e20, -1e20, 8.64e15 + 1, Infinity]) {
    expect(evaluateText('string(t)', { t: ['timestamp', ms] })).toBeNull();
    for (const call of ['t.getHours()', 't.getFullYear()', "truncate(t, '1d')"]) {
      expect(typeof evaluateText(call, { t: ['timestamp', ms] }, 'America/New_York')).toBe('number');
    }
  }
});

test('every name that the library takes for itself is a word of CEL', () => {
  const taken = new Environment().getDefinitions().variables.map(({ name }) => name);
  expect(taken).toContain('int');
  expect(taken.filter((name) => !isCelWord(name))).toEqual([]);
});

test('words of CEL are no names of views; of fields only those of its grammar', () => {
  expect(['type', 'int', 'map', 'in', 'true', 'for', '__proto__', 'cel'].every(isCelWord)).toBe(true);
  expect(['plane', 'timestamp', 'duration', 'hour', 'constructor'].some(isCelWord)).toBe(false);
  expect(['in', 'null'].every(isGrammarWord)).toBe(true);
  expect(isGrammarWord('type')).toBe(false);
});
