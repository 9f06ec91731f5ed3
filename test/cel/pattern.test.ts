import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern, patternProblem } from '../../cel/pattern.ts';

describe('a pattern matches as JavaScript matches it', () => {
  test.each([
    ['^N[0-9]{1,5}[A-Z]{0,2}$', ['N123AB', 'N1', 'N', 'N123456', 'xN1']],
    ['a|b|', ['', 'c']],
    ['^(?:ab|a)c$', ['abc', 'ac', 'bc']],
    ['\\bUA\\b', ['UA 12', 'QUA', '(UA)']],
    ['[^a-c\\d]', ['a1', 'ax', '']],
    ['^[\\]\\-x]+$', [']-x', 'y']],
    ['a.c', ['abc', 'a\nc', 'a😀c']],
    ['^\\x41\\.\\$$', ['A.$', 'B.$']],
    ['x{2}y{1,}z{0,1}', ['xxy', 'xyz', 'xxyz']],
    ['a{,2}', ['a{,2}', 'aa']],
  ])('%s', (pattern, texts) => {
    const matches = compilePattern(pattern);
    for (const text of texts) {
      const expected = pattern === 'a{,2}' ? text.includes(pattern) : new RegExp(pattern, 'u').test(text);
      expect([text, matches(text)]).toEqual([text, expected]);
    }
  });

  test('whatever the pattern is made of', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\W', '^', '$', '\\b', '\\B');
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        atom,
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
        fc
          .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '*?', '{1,}'))
          .map(([a, count]) => `(?:${a})${count}`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '\n', 'é'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 5 }), (source, texts) => {
        const matches = compilePattern(source);
        for (const one of texts) expect(matches(one)).toBe(new RegExp(source, 'u').test(one));
      }),
      { numRuns: 3000 },
    );
  });
});

test.each(['^(a+)+$', '(a|a)*b', '(.*)*x', '(?:a?){30}a{30}', '(?:(?:(?:){1000}){1000}){1000}b'])(
  'a text made to hold a backtracking engine is read once: %s',
  (pattern) => expect(compilePattern(pattern)(`${'a'.repeat(29)}!`.repeat(100))).toBe(false),
);

test.each([
  ['(a)\\1', 'the pattern of matches has a backreference, which cannot be matched in linear time'],
  ['(?=a)', 'the pattern of matches looks ahead or behind, which cannot be matched in linear time'],
  ['(?<!a)b', 'the pattern of matches looks ahead or behind, which cannot be matched in linear time'],
  ['(?i)a', 'the pattern of matches has a (? that is not a group; flags are not supported'],
  ['a**', 'the pattern of matches repeats a repetition; put a group round the inner one'],
  ['*a', 'the pattern of matches has a * with nothing to repeat'],
  ['(a', 'the pattern of matches has a ( that nothing closes'],
  ['a)', 'the pattern of matches has a ) that nothing opens'],
  ['[a', 'the pattern of matches has a [ that nothing closes'],
  ['[b-a]', 'the pattern of matches has a range that runs backwards'],
  ['[\\d-z]', 'the pattern of matches has a range between classes'],
  ['a{1001}', 'the pattern of matches repeats more than 1000 times'],
  ['a{2,1}', 'the pattern of matches counts down in {2,1}'],
  ['(?:a{1000}){1000}', 'the pattern of matches is larger than 2000 steps when its counts are written out'],
  ['a\\', 'the pattern of matches ends in a backslash'],
  ['\\q', 'the pattern of matches has the escape \\q, which is not known here'],
  ['('.repeat(100), 'the pattern of matches nests groups deeper than 50'],
  ['^ok$', undefined],
])('%s: %s', (pattern, problem) => expect(patternProblem(pattern)).toBe(problem));

test('no text is a pattern that breaks the reader', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from('ab(|)[]^-\\d{2,}*+?.$:<>=!P')), maxLength: 30 }),
      (text) => {
        expect(['string', 'undefined']).toContain(typeof patternProblem(text));
      },
    ),
    { numRuns: 3000 },
  );
});
