import { array, assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeKeyPart, keyPartFormatter, rowKey } from '../../../../orchestrator/features/store/row-key.ts';

describe('key parts', () => {
  test.each([
    ['string', 'N725MQ', 'N725MQ'],
    ['string', 'a|b:c%d\n\u0000\u007f', 'a%7Cb%3Ac%25d%0A%00%7F'],
    ['string', 'Zürich 東京', 'Zürich 東京'],
    ['string', '', ''],
    ['int64', 2004, '2004'],
    ['int64', -0, '0'],
    ['int64', '9007199254740993', '9007199254740993'],
    ['int64', '-007', '-7'],
    ['bool', 1, 'true'],
    ['bool', 0, 'false'],
    ['double', 0.1, '0.1'],
    ['timestamp', Date.UTC(2013, 4, 5, 13), '2013-05-05T13:00:00Z'],
    ['timestamp', Date.UTC(2013, 4, 5, 13) + 250, '2013-05-05T13:00:00.250Z'],
  ] as const)('of %s %j is %j', (type, value, text) => {
    expect(keyPartFormatter(type)(value)).toBe(text);
  });

  test('a timestamp is its own also after another', () => {
    const format = keyPartFormatter('timestamp');
    expect([0, 1000, 1000, 0].map(format)).toEqual([
      '1970-01-01T00:00:00Z',
      '1970-01-01T00:00:01Z',
      '1970-01-01T00:00:01Z',
      '1970-01-01T00:00:00Z',
    ]);
  });

  test('joined parts never collide, and percent-decoding gives them back', () => {
    assert(
      property(array(string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 }), (parts) => {
        const joined = parts.map(escapeKeyPart).join('|');
        expect(joined.split('|').map((part) => decodeURIComponent(part))).toEqual(parts);
      }),
    );
  });

  test('a key is project, table and parts', () => {
    expect(rowKey('nyc', 'route', 'JFK|LAX')).toBe('nyc:route:JFK|LAX');
  });
});
