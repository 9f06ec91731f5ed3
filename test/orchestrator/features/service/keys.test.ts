import { assert, bigInt, boolean, date, double, option, property, record, string, type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCALAR_TYPES, type ScalarType } from '../../../../cel/types.ts';
import { compileBody, compileKeyObject } from '../../../../orchestrator/features/service/batch-body.ts';
import { compileItemKey } from '../../../../orchestrator/features/service/item-key.ts';
import { compileSplit, unescapeKeyPart } from '../../../../orchestrator/features/service/key-parts.ts';
import { compilePointer, pointerTo } from '../../../../orchestrator/features/service/json-pointer.ts';
import { escapeKeyPart, keyPartFormatter } from '../../../../orchestrator/features/store/row-key.ts';

/** Values as a column or an exact int64's text has them. */
const VALUES: Record<ScalarType, Arbitrary<number | string>> = {
  string: string({ unit: 'grapheme' }),
  int64: bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  double: double({ noNaN: true, noDefaultInfinity: true }),
  bool: boolean().map(Number),
  timestamp: date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-01-01') }).map(Number),
};
const PARTS = SCALAR_TYPES.map((type) => ({ part: `a_${type}`, type }));

describe('keys on their way to a service and back', () => {
  test('whatever the values: the item that has them is found by the key that asked', () => {
    const format = SCALAR_TYPES.map((type) => keyPartFormatter(type));
    const split = compileSplit(PARTS);
    const keyObject = compileKeyObject(PARTS);
    const body = compileBody({ keys: '$keys' });
    const readKey = compileItemKey(PARTS, Object.fromEntries(PARTS.map(({ part }) => [part, pointerTo(part)])));
    assert(
      property(record(VALUES), (given) => {
        const text = SCALAR_TYPES.map((type, at) => format[at](given[type])).join('|');
        const object = keyObject(split(text)!);
        const [echo] = (JSON.parse(body([object!])) as { keys: Record<string, unknown>[] }).keys;
        expect(echo['a_string']).toBe(given.string);
        expect(echo['a_bool']).toBe(given.bool === 1);
        expect(readKey(echo)).toBe(text);
      }),
    );
  });

  test('escaping and its undoing are each other’s mirror', () => {
    assert(property(string({ unit: 'binary' }), (text) => unescapeKeyPart(escapeKeyPart(text)) === text));
  });

  test.each([
    ['a text for a number', [['n', 'double']], { n: '1' }],
    ['a number for a text', [['n', 'string']], { n: 1 }],
    ['a number beyond 2^53', [['n', 'int64']], { n: 9007199254740992 }],
    ['half a number', [['n', 'int64']], { n: 1.5 }],
    ['a flag as a number', [['n', 'bool']], { n: 1 }],
    ['a time without a zone', [['n', 'timestamp']], { n: '2013-05-05T12:00:00' }],
    ['null', [['n', 'string']], { n: null }],
    ['nothing', [['n', 'string']], {}],
  ] as [string, [string, ScalarType][], unknown][])('an item with %s in its key is nobody’s', (_, parts, item) => {
    const key = parts.map(([part, type]) => ({ part, type }));
    expect(compileItemKey(key, { n: '/n' })(item)).toBeUndefined();
  });

  test('a body holds the keys wherever `$keys` is a value, and nowhere else', () => {
    const write = compileBody({ a: '$keys', b: [['$keys', 'x$keys', '"$keys"']], $keys: { $keys: '$keys' } });
    expect(JSON.parse(write(['{"id":1}', '{"id":2}']))).toEqual({
      a: [{ id: 1 }, { id: 2 }],
      b: [[[{ id: 1 }, { id: 2 }], 'x$keys', '"$keys"']],
      $keys: { $keys: [{ id: 1 }, { id: 2 }] },
    });
    expect(compileBody('$keys')(['1'])).toBe('[1]');
  });
});

describe('a JSON pointer', () => {
  const document: unknown = JSON.parse(
    '{"foo":["bar","baz"],"":0,"a/b":1,"m~n":8,"c%d":2," ":7,"~1":6,"__proto__":5,"deep":{"er":{"est":4}}}',
  );

  // RFC 6901, section 5, and what it leaves out.
  test.each([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/m~0n', 8],
    ['/c%d', 2],
    ['/ ', 7],
    ['/~01', 6],
    ['/__proto__', 5],
    ['/deep/er/est', 4],
    ['/foo/2', undefined],
    ['/foo/-', undefined],
    ['/foo/01', undefined],
    ['/foo/length', undefined],
    ['/foo/0/length', undefined],
    ['/constructor', undefined],
    ['/deep/toString', undefined],
    ['/deep/gone/est', undefined],
  ])('%j reads what the JSON has there', (pointer, value) => {
    expect(compilePointer(pointer)(document)).toEqual(value);
  });

  test('reaches any member by its name, whatever the name', () => {
    assert(
      property(string({ unit: 'grapheme' }), option(string()), (name, value) => {
        const holder = JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`) as unknown;
        expect(compilePointer(pointerTo(name))(holder)).toBe(value);
      }),
    );
  });
});
