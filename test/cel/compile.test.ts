import { describe, expect, test } from 'vitest';
import { checkExpression } from '../../cel/check.ts';
import { compileExpression, isPerInstance } from '../../cel/compile.ts';
import type { Scope, Slot } from '../../cel/expression.ts';
import { at, evaluateText } from './evaluate.ts';
import type { Given } from './evaluate.ts';

const given: Given = {
  'request.time': ['timestamp', at('2013-05-05T13:10:30.250Z')],
  'plane.year': ['int64', 2004],
  'plane.seats': ['int64', null],
  'instance.id': ['string', 'UA-1545 é😀'],
  'instance.tailnum': ['string', null],
  'instance.late': ['bool', 1],
  'instance.early': ['bool', 0],
  'instance.maybe': ['bool', null],
  share: ['double', 0.25],
  missing: ['double', null],
  biggest: ['int64', Number.MAX_SAFE_INTEGER],
};

describe('values', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['-plane.year', -2004],
    ['-(0)', 0],
    ['7 / 2', 3],
    ['-7 / 2', -3],
    ['-7 % 3', -1],
    ['7 % -3', 1],
    ['-4 % 2', 0],
    ['share * 2.0', 0.5],
    ['plane.year > 2000', 1],
    ['share < 1', 1],
    ['share >= 1', 0],
    ["'a' < 'b'", 1],
    ["'b' <= 'a'", 0],
    ["'a' + 'b' == 'ab'", 1],
    ['request.time > timestamp("2013-01-01T00:00:00Z")', 1],
    ["request.time - timestamp('2013-05-05T13:00:00Z') > duration('10m')", 1],
    ["(request.time - timestamp('2013-05-05T12:00:00Z')).getMinutes()", 70],
    ["duration('90m').getHours()", 1],
    ["duration('-90m').getHours()", -1],
    ["request.time + duration('1h30m') == timestamp('2013-05-05T14:40:30.25Z')", 1],
    ["request.time + duration('1h') - duration('1h') == request.time", 1],
    ["truncate(request.time, '1h')", at('2013-05-05T13:00:00Z')],
    ["truncate(request.time, '15m')", at('2013-05-05T13:00:00Z')],
    ["truncate(request.time - duration('1h'), '1h')", at('2013-05-05T12:00:00Z')],
    ['plane.year in [1999, 2004]', 1],
    ['plane.year in []', 0],
    ["instance.id in ['x', instance.id]", 1],
    ["instance.id.startsWith('UA')", 1],
    ["instance.id.endsWith('UA')", 0],
    ["instance.id.contains('-15')", 1],
    ["instance.id.matches('^[A-Z]{2}-[0-9]+')", 1],
    ['size(instance.id)', 10],
    ['instance.id.size()', 10],
    ['double(plane.year) / 8.0', 250.5],
    ["double('1e3')", 1000],
    ["int('-12')", -12],
    ['int(-2.9)', -2],
    ['int(request.time)', 1_367_759_430],
    ["bool('true')", 1],
    ['string(plane.year)', '2004'],
    ['string(share)', '0.25'],
    ['string(instance.late)', 'true'],
    ['string(request.time)', '2013-05-05T13:10:30.250Z'],
    ['timestamp(1367759430)', at('2013-05-05T13:10:30Z')],
    ['round(-2.5)', -3],
    ['floor(-2.5)', -3],
    ['ceil(2.1)', 3],
    ['abs(-3)', 3],
    ['min(3, 2) + max(3, 2)', 5],
    ['pow(2.0, 10.0)', 1024],
    ['sqrt(2.25)', 1.5],
    ['log(exp(1.0))', 1],
    ['instance.late ? "yes" : "no"', 'yes'],
    ['!instance.late || instance.early', 0],
    ['has(plane.year) && !has(plane.seats)', 1],
  ])('%s is %j', (text, expected) => expect(evaluateText(text, given)).toBe(expected));

  test('haversine is within half a percent of the 4128 km from Newark to San Francisco', () => {
    const km = Number(evaluateText('haversine(40.6925, -74.168667, 37.618972, -122.374889)'));
    expect(Math.abs(km / 4128 - 1)).toBeLessThan(0.005);
    expect(evaluateText('haversine(0.0, 0.0, 0.0, 180.0)')).toBeCloseTo(Math.PI * 6371.0088, 6);
    expect(evaluateText('haversine(40.0, -74.0, 40.0, -74.0)')).toBe(0);
  });
});

describe('null', () => {
  test.each([
    'plane.seats',
    'plane.seats + 1',
    '-plane.seats',
    'plane.seats == 1',
    'plane.seats != 1',
    'plane.seats < 1',
    'plane.seats in [1, 2]',
    'double(plane.seats)',
    'pow(missing, 0.0)',
    "instance.tailnum + 'x'",
    "instance.tailnum == 'x'",
    "instance.tailnum > 'x'",
    "instance.tailnum.contains('x')",
    "instance.tailnum in ['x']",
    'instance.id in [instance.tailnum]',
    'size(instance.tailnum)',
    'string(plane.seats)',
    '!instance.maybe',
    'instance.maybe && true',
    'true && instance.maybe',
    'instance.maybe || false',
    'false || instance.maybe',
    'instance.maybe ? 1 : 2',
    'instance.maybe ? "a" : "b"',
    'share / 0.0',
    'exp(1000.0)',
    'log(-1.0)',
    'share / 0.0 > 1.0',
    'plane.year / 0',
    'plane.year % 0',
    'biggest + 1',
    'biggest * 2',
    'int(1e18)',
    "int('9007199254740993')",
    "int('x')",
    "double('')",
    "double(' 1')",
    "double('NaN')",
    "bool('yes')",
    'timestamp(instance.id)',
    'timestamp(9007199254740991)',
    "timestamp('9999-12-31T23:00:00Z') + duration('2h')",
  ])('%s is null', (text) => {
    const value = evaluateText(text, given);
    expect(value === null || Number.isNaN(value)).toBe(true);
  });

  test.each([
    ['plane.seats == null', 1],
    ['null == plane.seats', 1],
    ['plane.seats != null', 0],
    ['plane.year == null', 0],
    ['instance.tailnum == null', 1],
    ['instance.id != null', 1],
    ['instance.maybe == null', 1],
    ['missing == null', 1],
    ['request.time == null', 0],
    ['plane.seats + 1 == null', 1],
    ['has(plane.seats)', 0],
    ['has(instance.tailnum)', 0],
    ['null == null', 1],
    ['instance.maybe && false', 0],
    ['false && instance.maybe', 0],
    ['instance.maybe || true', 1],
    ['true || instance.maybe', 1],
    ['plane.seats == null ? 150 : plane.seats', 150],
    ["instance.tailnum == null ? 'none' : instance.tailnum", 'none'],
    ['instance.id in [instance.tailnum, instance.id]', 1],
  ])('%s is %j', (text, expected) => expect(evaluateText(text, given)).toBe(expected));
});

describe('columns', () => {
  const scope: Scope = new Map([
    ['request.time', 'timestamp'],
    ['plane.year', 'int64'],
  ]);
  const slots: Record<string, Slot> = {
    'request.time': { slot: 3, perInstance: false },
    'plane.year': { slot: 1, perInstance: true },
  };
  const slotOf = (name: string): Slot => slots[name];
  const checked = (text: string) => checkExpression(text, scope).checked!;

  test('a name that is one a request is read at row 0 for every row', () => {
    const evaluate = compileExpression(checked('double(request.time.getFullYear() - plane.year)'), slotOf);
    const years = Float64Array.of(2004, Number.NaN, 1999);
    const columns = [[], years, [], Float64Array.of(at('2013-05-05T00:00:00Z'))];
    expect([0, 1, 2].map((row) => evaluate(columns, row))).toEqual([9, Number.NaN, 14]);
  });

  test('the answer kept for a request is never given to the next', () => {
    const evaluate = compileExpression(checked('request.time.getFullYear()'), slotOf);
    const year = (text: string) => evaluate([[], [], [], Float64Array.of(at(text))], 0);
    expect([
      year('2013-05-05T00:00:00Z'),
      year('2014-05-05T00:00:00Z'),
      year('nothing'),
      year('2013-05-05T00:00:00Z'),
    ]).toEqual([2013, 2014, Number.NaN, 2013]);
  });

  test('an expression is per instance when one of the names it reads is', () => {
    expect(isPerInstance(checked('request.time.getHours() + plane.year'), slotOf)).toBe(true);
    expect(isPerInstance(checked('request.time.getHours()'), slotOf)).toBe(false);
    expect(isPerInstance(checked('1 + 1'), slotOf)).toBe(false);
  });
});
