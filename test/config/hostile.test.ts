import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseConfig } from '../../config/load.ts';
import { withBlocks } from './sound.ts';

const SIGNS = ['%YAML 1.1', "'", '? ', '- ', ': ', '\n', '\n  ', '\n    ', '\t', '\r', '\u0000', '\uFEFF', '\uD800'];
/** Words of the language, of YAML, and of neither, from which hostile texts are made. */
const WORDS = [
  ...'version project views models features key fields store cel onDemand inputs int64 request.time'.split(' '),
  ...'__proto__ constructor prototype toString << &a *a !!map !x --- ... |  >- " # { } [ ] , : ${ ${A} ${A:-'.split(
    ' ',
  ),
  ...'null true 1 1e999 .nan 0x10 99999999999999999999999999'.split(' '),
  ...SIGNS,
];
const word = fc.constantFrom(...WORDS);
/** A text of some hundred signs takes a few ms; ten times the promised 100 ms, for machines that do other things too. */
const MAX_MS = 1000;

test('text that resembles YAML gives problems or a configuration, never an exception', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), fc.string(), (words, A) => {
      const started = performance.now();
      const { problems, checked } = parseConfig(words.join(''), 'tandem.yaml', { A });
      expect(performance.now() - started).toBeLessThan(MAX_MS);
      expect(checked !== undefined || problems.length > 0).toBe(true);
      for (const { line, column, message } of problems) {
        expect(line > 0 && column > 0 && message !== '').toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a sound file with a piece of it taken out or doubled never gives an exception', () => {
  const sound = withBlocks();
  const at = fc.nat(sound.length);
  fc.assert(
    fc.property(at, at, word, (from, to, put) => {
      const started = performance.now();
      const { problems } = parseConfig(sound.slice(0, from) + put + sound.slice(to), 'tandem.yaml', {});
      expect(performance.now() - started).toBeLessThan(MAX_MS);
      for (const { file } of problems) expect(file).toBe('tandem.yaml');
    }),
    { numRuns: 1000 },
  );
});

test('no key reaches the prototype of anything', () => {
  for (const key of ['__proto__', '"__proto__"', 'constructor', 'prototype']) {
    for (const block of ['views', 'models', 'stores', 'onDemand', 'rest']) {
      const text = `${block === 'rest' ? '' : `${block}:\n  `}${key}: { polluted: 1, prototype: { polluted: 1 } }`;
      expect(parseConfig(withBlocks({ [block]: text }), 'tandem.yaml', {}).checked).toBeUndefined();
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    }
  }
});

/** Texts that are long, deep or odd in one way each: what a parser with a quadratic path would stumble over. */
const HEAVY: readonly (readonly [string, string])[] = [
  ['a line of a million signs', `project: ${'x'.repeat(1e6)}`],
  ['a list of ten thousand', `include: [${'a, '.repeat(10_000)}a]`],
  ['ten thousand keys', Array.from({ length: 10_000 }, (_, index) => `k${index}: 1`).join('\n')],
  ['ten thousand equal keys', 'project: p\n'.repeat(10_000)],
  ['brackets that nothing closes', `limits: ${'{ a: ['.repeat(300)}`],
  ['a thousand lines that are no YAML', 'a b\n'.repeat(1000)],
  [
    'a thousand open brackets in lines of their own',
    Array.from({ length: 1000 }, (_, index) => `k${index}: [`).join('\n'),
  ],
  ['a thousand tabs', Array.from({ length: 1000 }, (_, index) => `\tk${index}: 1`).join('\n')],
  ['open quotes', 'a: "\n'.repeat(2000)],
  ['variables', `project: "${'${A:-'.repeat(20_000)}"`],
  ['dollars', `project: "${'${'.repeat(50_000)}"`],
  ['comments', '# [\n'.repeat(20_000)],
  ['NUL', 'a: \u0000\n'.repeat(2000)],
  ['lone surrogates', `a: "${'\uD800'.repeat(20_000)}"`],
  ['carriage returns', 'a: 1\r'.repeat(5000)],
  [
    'a chain of aliases',
    `a0: &x0 1\n${Array.from({ length: 2000 }, (_, at) => `a${at + 1}: &x${at + 1} [*x${at}]`).join('\n')}`,
  ],
];

test.each(HEAVY)('%s holds nothing up', (_, text) => {
  const started = process.cpuUsage();
  const { problems } = parseConfig(text, 'tandem.yaml', {});
  const { user } = process.cpuUsage(started);
  expect(problems.length).toBeGreaterThan(0);
  expect(user / 1000).toBeLessThan(3000);
});

test('an alias bomb is refused at once', () => {
  const levels = Array.from(
    { length: 30 },
    (_, level) => `  l${level}: &l${level} [${level === 0 ? '1' : `*l${level - 1}, *l${level - 1}`}]`,
  );
  const started = performance.now();
  const { problems } = parseConfig(withBlocks({ rest: `limits:\n${levels.join('\n')}` }), 'tandem.yaml', {});
  expect(performance.now() - started).toBeLessThan(1000);
  expect(problems.map(({ code }) => code)).toContain('YAML_ALIAS');
});

test('nesting without end is a problem with a place', () => {
  for (const deep of ['['.repeat(10_000), '- '.repeat(10_000), '{a: '.repeat(10_000)]) {
    const { problems } = parseConfig(deep, 'tandem.yaml', {});
    expect(problems[0]).toMatchObject({ line: 1, code: 'YAML_SYNTAX' });
  }
});
