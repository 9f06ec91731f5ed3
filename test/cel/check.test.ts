import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkExpression } from '../../cel/check.ts';
import type { ScalarType } from '../../cel/types.ts';

const scope = new Map<string, ScalarType>([
  ['request.time', 'timestamp'],
  ['instance.id', 'string'],
  ['instance.late', 'bool'],
  ['plane.year', 'int64'],
  ['plane.seats', 'int64'],
  ['share', 'double'],
]);

const zoned = { timezone: 'America/New_York' };

/** What random texts are made of. */
const WORDS = (
  "plane.year share instance.id request.time instance.late null 1 2.0 'a' has in ( ) [ ] ? : + - * / % == != < && || ! . , " +
  "size( .getHours( .map( __proto__ constructor duration('1h') cel.bind( { } double( type( b'x' 1u \" .matches( '(a+)+'"
).split(' ');

/** A text takes well below 1 ms; ten times the promised 100 ms, for machines that do other things too. */
const MAX_MS = 1000;

/** `CODE «what it points at» message` of each problem. */
const problemsOf = (text: string, options: { timezone?: string } = zoned): string[] =>
  checkExpression(text, scope, options).problems.map(
    ({ code, message, start, end }) => `${code} «${text.slice(start, end)}» ${message}`,
  );

describe('a checked expression', () => {
  test('says its type and the names it reads, each once', () => {
    const { checked, problems } = checkExpression('plane.year + plane.year * plane.seats', scope, zoned);
    expect(problems).toEqual([]);
    expect(checked).toMatchObject({ type: 'int64', reads: ['plane.year', 'plane.seats'], bareName: undefined });
  });

  test.each([
    ['plane.year', 'plane.year'],
    [' share ', 'share'],
    ['(share)', 'share'],
    ['share + 0.0', undefined],
  ])('%j has the bare name %j', (text, bareName) => {
    expect(checkExpression(text, scope, zoned).checked?.bareName).toBe(bareName);
  });

  test.each<[string, ScalarType]>([
    ['plane.year', 'int64'],
    ['instance.id', 'string'],
    ['share / 2.0', 'double'],
    ['share > 0.5', 'bool'],
    ["truncate(request.time, '1h')", 'timestamp'],
    ['has(plane.year)', 'bool'],
  ])('%s is %s', (text, type) => expect(checkExpression(text, scope, zoned).checked?.type).toBe(type));
});

describe('a problem points at the operand and says the mend', () => {
  test.each([
    ['share + 2', 'CEL_TYPE «2» int and double do not mix; write 2.0'],
    ['-2 * share', 'CEL_TYPE «-2» int and double do not mix; write -2.0'],
    ['share == plane.year', 'CEL_TYPE «plane.year» int and double do not mix; write double(plane.year)'],
    ['(plane.year + 1) * share', 'CEL_TYPE «plane.year + 1» int and double do not mix; write double(plane.year + 1)'],
    ['instance.late ? 1 : share', 'CEL_TYPE «1» int and double do not mix; write 1.0'],
    [
      "duration('1h') + request.time > request.time",
      'CEL_TYPE «request.time» write the timestamp first, as request.time + duration("1h")',
    ],
    ['(plane.year + 1) * 2 + share', 'CEL_TYPE «(plane.year + 1) * 2» int and double'],
    ['share in [1, 2]', 'CEL_TYPE «1» int and double do not mix; write 1.0'],
    ['sqrt(plane.year)', 'CEL_TYPE «plane.year» sqrt() takes double, and this is int; write double(plane.year)'],
    ['plane.yaer', 'CEL_UNKNOWN_NAME «plane.yaer» there is no plane.yaer, did you mean `plane.year`?'],
    ['has(plane.yaer)', 'CEL_UNKNOWN_NAME «plane.yaer» there is no plane.yaer, did you mean `plane.year`?'],
    ['plane == null', 'CEL_UNKNOWN_NAME «plane» plane has fields; name one, as plane.year'],
    ['share.x > 1.0', 'CEL_UNKNOWN_NAME «share.x» share is double and has no fields'],
    ['plane.year.x', 'CEL_UNKNOWN_NAME «plane.year.x» plane.year is int64 and has no fields'],
    ['instance.__proto__', 'CEL_UNKNOWN_NAME «instance.__proto__» there is no instance.__proto__'],
    ['constructor', 'CEL_UNKNOWN_NAME «constructor» there is no constructor'],
    ['sqr(share)', 'CEL_UNKNOWN_FUNCTION «sqr(share)» there is no function sqr(), did you mean `sqrt`?'],
    [
      "contains(instance.id, 'a')",
      "CEL_UNKNOWN_FUNCTION «contains(instance.id, 'a')» there is no function contains(); write it as string.contains(string): bool",
    ],
    [
      'instance.late && plane.year',
      'CEL_TYPE «plane.year» && takes bool, and this is int; write a test, as plane.year != 0',
    ],
    ['!instance.id', 'CEL_TYPE «instance.id» ! takes bool, and this is string; write a test, as instance.id != null'],
    ['share ? 1 : 2', 'CEL_TYPE «share» ?: takes bool, and this is double; write a test, as share != 0.0'],
    ["instance.late ? 1 : 'a'", "CEL_TYPE «'a'» both branches of ?: must have one type, and these are int and string"],
    ['instance.id + plane.year', 'CEL_TYPE «plane.year» + joins strings, and this is int; write string(plane.year)'],
    ['request.time + 3600', "CEL_TYPE «3600» a timestamp moves by a duration; write one, as duration('1h')"],
    [
      "request.time > '2013-01-01T00:00:00Z'",
      'CEL_TYPE «\'2013-01-01T00:00:00Z\'» a timestamp is compared with a timestamp; write timestamp("2013-01-01T00:00:00Z")',
    ],
    [
      'instance.late ? null : 1.0',
      "CEL_NULL_BRANCH «null» a branch of ?: may not be null; write a value of the other branch's type",
    ],
    ['null', 'CEL_NULL «null» null can only be compared: write `x == null` or `x != null`'],
    ['has(share)', 'CEL_TYPE «share» has() takes one view.field; write share != null'],
    ['9007199254740992', 'CEL_INT_RANGE «9007199254740992» an int beyond 2^53 is not exact; write a double'],
    [
      "request.time - duration('1h') - request.time",
      "CEL_RESULT_TYPE «request.time - duration('1h') - request.time» the result is duration, and a feature is bool, int, double, string or timestamp; write how long it is, as (…).getSeconds()",
    ],
    ['[1].map(x, x)', 'CEL_UNSUPPORTED «[1].map(x, x)» map() is not supported in Tandem'],
    ['[1].exists(x, y, z)', 'CEL_UNSUPPORTED «[1].exists(x, y, z)» exists() is not supported in Tandem'],
    ['[1].map(1, 2)', 'CEL_UNSUPPORTED «1» macros over lists are not supported in Tandem'],
    ["{'a': 1}", "CEL_UNSUPPORTED «{'a': 1}» maps are not supported in Tandem"],
    ["plane['year']", "CEL_UNSUPPORTED «plane['year']» only names have fields in Tandem; write view.field"],
    [
      'plane.year in instance.id',
      "CEL_UNSUPPORTED «instance.id» `in` takes a list that is written out, as ['EWR', 'JFK']",
    ],
    ['1u', 'CEL_UNSUPPORTED «1u» bytes and unsigned numbers are not supported in Tandem'],
    [
      "instance.id.matches('(a)\\\\1')",
      "CEL_LITERAL «'(a)\\\\1'» the pattern of matches has a backreference, which cannot be matched in linear time",
    ],
    ['instance.id.matches(instance.id)', 'CEL_LITERAL «instance.id» matches() takes a text that is written out here'],
    [
      "truncate(request.time, '7m')",
      "CEL_LITERAL «'7m'» truncate cannot step by '7m'; write '1d' for the local day, or what divides a day, as '15m', '1h' or '6h'",
    ],
    [
      "request.time.getHours('Mars/Base')",
      "CEL_LITERAL «'Mars/Base'» there is no time zone 'Mars/Base'; write one as 'America/New_York' or '-05:00'",
    ],
    [
      "timestamp('2013-02-30T00:00:00Z')",
      "CEL_LITERAL «'2013-02-30T00:00:00Z'» '2013-02-30T00:00:00Z' is not RFC 3339 with a zone; write it as '2013-05-05T13:00:00Z'",
    ],
    ['plane.year = 1', 'CEL_SYNTAX «=» write == to compare'],
    ['', 'CEL_SYNTAX «» the expression is empty'],
    ['plane.year +', 'CEL_SYNTAX «» the expression ends too early'],
    ['plane.year # 1', 'CEL_SYNTAX «#» cannot be read here: unexpected character: #'],
    ['while', 'CEL_SYNTAX «while» cannot be read here: reserved identifier: while'],
  ])('%s', (text, expected) => {
    const [first, ...others] = problemsOf(text);
    expect(first).toContain(expected);
    expect(others).toEqual([]);
    expect(checkExpression(text, scope, zoned).checked).toBeUndefined();
  });

  test('unknown names and functions are told all at once', () => {
    expect(problemsOf('nope + neither(plane.yaer)').map((problem) => problem.split(' ')[0])).toEqual([
      'CEL_UNKNOWN_NAME',
      'CEL_UNKNOWN_FUNCTION',
      'CEL_UNKNOWN_NAME',
    ]);
  });
});

describe('a warning leaves the expression usable', () => {
  test.each([
    [
      'request.time.getHours()',
      "CEL_NO_TIMEZONE «request.time.getHours()» this is read in UTC; set timezone, or write request.time.getHours('America/New_York')",
    ],
    [
      "truncate(request.time, '1d')",
      "CEL_NO_TIMEZONE «truncate(request.time, '1d')» this is read in UTC; set timezone",
    ],
    [
      'double(plane.year / 2)',
      'CEL_INT_DIVISION «plane.year / 2» int / int is cut to a whole number before it becomes a double; write double(plane.year) / 2.0',
    ],
    [
      'double(1 + (plane.year / plane.seats))',
      'CEL_INT_DIVISION «plane.year / plane.seats» int / int is cut to a whole number before it becomes a double; write double(plane.year) / double(plane.seats)',
    ],
  ])('%s', (text, expected) => {
    expect(problemsOf(text, {})).toEqual([expected]);
    const { checked, problems } = checkExpression(text, scope, {});
    expect(problems[0]?.severity).toBe('warning');
    expect(checked).toBeDefined();
  });

  test.each([
    "request.time.getHours('America/New_York')",
    "truncate(request.time, '1h')",
    'request.time.getSeconds()',
    'plane.year / 2',
    'double(int(share) % 2)',
  ])('%s has none', (text) => expect(problemsOf(text, {})).toEqual([]));
});

describe('no text holds or breaks the check', () => {
  test.each([
    ['a'.repeat(5000), 'CEL_LIMIT'],
    ['('.repeat(4000), 'CEL_LIMIT'],
    ['!'.repeat(4000), 'CEL_SYNTAX'],
    [`${'!'.repeat(1900)}true`, 'CEL_LIMIT'],
    [Array.from({ length: 900 }, () => '1').join('+'), 'CEL_LIMIT'],
    [`plane.year in [${'1,'.repeat(1990)}1]`, 'CEL_LIMIT'],
    [`x${'.x'.repeat(2000)}`, 'CEL_LIMIT'],
    ['9'.repeat(4000), 'CEL_INT_RANGE'],
  ])('%.20s…', (text, code) => expect(checkExpression(text, scope, zoned).problems[0]?.code).toBe(code));

  test('random texts of its own words give a problem or an expression, with ranges inside the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(fc.constantFrom(...WORDS), { maxLength: 20 }).map((words) => words.join(' ')),
          fc.string(),
        ),
        (text) => {
          const started = performance.now();
          const { checked, problems } = checkExpression(text, scope, {});
          expect(performance.now() - started).toBeLessThan(MAX_MS);
          expect(checked === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
          for (const { start, end } of problems) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThanOrEqual(start);
            expect(end).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

test('names of CEL that a scope holds all the same are a problem where they are read, never a crash', () => {
  const odd = new Map<string, ScalarType>([
    ['int', 'double'],
    ['cel', 'double'],
    ['plane.in', 'double'],
    ['plane.__proto__', 'double'],
    ['__proto__.x', 'double'],
    ['twice', 'double'],
    ['twice.x', 'double'],
  ]);
  for (const name of odd.keys()) expect(() => checkExpression(name, odd, zoned)).not.toThrow();
  expect(() => checkExpression('twice + twice.x', odd, zoned)).not.toThrow();
  expect(checkExpression('plane.__proto__ + 1.0', odd, zoned).checked?.reads).toEqual(['plane.__proto__']);
  expect(checkExpression('int + 1.0', odd, zoned).problems[0]?.code).toBe('CEL_UNKNOWN_NAME');
});
