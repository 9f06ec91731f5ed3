import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../config/load.ts';
import { problemsOf, withBlocks } from './sound.ts';

/** Mistakes on several lines, in brackets, in quotes and in CEL. */
const BROKEN = withBlocks({
  settings: 'asOf: request.tim\ntimezone: "Mars/Base"',
  views: 'views:\n  product: { store: onlin, key: { id: instance.idd }, fields: { stock: int65, brand: string } }',
  onDemand:
    "onDemand:\n  twice:\n    type: double\n    cel: >-\n      instance.price\n      + nope\n  half: { typ: double, cel: '1.0' }",
  rest: 'limits: { instances: 0, instances: 5 }\nserver:\n  http: { port: "x" }',
});
const placesOf = (text: string): string[] =>
  problemsOf(text).map(({ line, column, code }) => `${line}:${column} ${code}`);
const expected = placesOf(BROKEN);

test('the broken text has a problem of each kind', () => {
  expect(expected.length).toBeGreaterThan(7);
});

describe('a place is where an editor has it', () => {
  test('with Windows line ends', () => {
    expect(placesOf(BROKEN.replaceAll('\n', '\r\n'))).toEqual(expected);
  });

  test('behind a byte order mark, which no editor shows', () => {
    const [first, ...others] = placesOf(`\uFEFF${BROKEN}`);
    expect([first, ...others]).toEqual(expected);
  });

  test('in a line with signs of two UTF-16 units', () => {
    const views = 'views:\n  product: { store: "🛒", key: { id: instance.idd }, fields: { stock: int64 } }';
    expect(placesOf(withBlocks({ views }))).toEqual(['10:21 NAME_SYNTAX', '10:38 CEL_UNKNOWN_NAME']);
  });

  test('in a very long line', () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `c${index}`).join(', ');
    const models = `models:\n  sales: { features: [twice, product.stock, { name: product.brand, categories: [${names}] }, nope] }`;
    const [line = ''] = withBlocks({ models }).split('\n').slice(13, 14);
    expect(placesOf(withBlocks({ models }))).toEqual([`14:${line.indexOf('nope') + 1} UNKNOWN_FEATURE`]);
  });
});

test('lines inserted above move every problem by as many', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('', '# a comment', '  # [ another {', '#\t"'), { maxLength: 30 }), (lines) => {
      const moved = placesOf([...lines, BROKEN].join('\n'));
      const back = moved.map((place) => place.replace(/^\d+/, (line) => String(Number(line) - lines.length)));
      expect(back).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

/** A sound configuration of a few views, on-demand features and models, by their counts. */
const soundConfig = fc
  .record({
    views: fc.integer({ min: 1, max: 5 }),
    made: fc.nat(4),
    models: fc.integer({ min: 1, max: 3 }),
    isFlow: fc.boolean(),
  })
  .map(({ views, made, models, isFlow }) => {
    const each = (count: number, line: (index: number) => string): string[] =>
      Array.from({ length: count }, (_, at) => line(at));
    const view = (index: number): string =>
      isFlow
        ? `  v${index}: { store: online, key: { id: instance.id }, fields: { a: int64, b: double } }`
        : `  v${index}:\n    store: online\n    key:\n      id: instance.id\n    fields:\n      a: int64\n      b: double`;
    const names = [...each(views, (index) => `v${index}.a`), ...each(made, (index) => `x${index}`)];
    return [
      'version: 1\nproject: p\ninputs:\n  instance: { id: string }\nstores:\n  online: { type: lmdb }\nviews:',
      ...each(views, view),
      ...(made === 0 ? [] : ['onDemand:']),
      ...each(made, (index) => `  x${index}: { type: double, cel: 'v${index % views}.b + 1.0' }`),
      'models:',
      ...each(models, (index) => `  m${index}:\n    features:\n${names.map((name) => `      - ${name}`).join('\n')}`),
    ].join('\n');
  });

test('a sound configuration has no problem; without any of its lines its problems stand on lines that it has', () => {
  fc.assert(
    fc.property(soundConfig, fc.nat(), fc.integer({ min: 1, max: 8 }), (text, from, count) => {
      expect(parseConfig(text, 'tandem.yaml', {}).problems).toEqual([]);
      const lines = text.split('\n');
      const left = lines.toSpliced(from % lines.length, count);
      for (const { line, column } of problemsOf(left.join('\n'))) {
        expect(line).toBeLessThanOrEqual(Math.max(1, left.length));
        expect(column).toBeLessThanOrEqual((left[line - 1] ?? '').length + 1);
      }
    }),
    { numRuns: 300 },
  );
});
