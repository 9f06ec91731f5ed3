import { expect, test } from 'vitest';
import { parseConfig } from '../../config/load.ts';

const problemsOf = (text: string): string[] =>
  parseConfig(text, 'tandem.yaml', {}).problems.map(
    ({ line, column, code, message }) => `${line}:${column} ${code} ${message}`,
  );

test('one syntax error does not hide another, nor what is wrong with the rest', () => {
  const text = `version: 1
project: shop
asOf: request.tim
inputs:
  request: { time: timestamp }
  instance: { id: string, price: doubel }
stores: { online: { type: lmdb } }
views:
  product: { store: onlin, key: { id: instance.id, fields: { stock: int64 } }
  other:
    store: online
    key: { id: instance.idd }
    fields: { a: int64, b: string }
    maxage: 3d
onDemand:
  x: { type: double, cel: "product.stock + other.a" }
  y: { type: double, cel: "instance.price + other.a" }
  z: { type: double, cel: "1 +* 2" }
models:
  sales:
    features:
      - x
      - yy
      - [a
    deadline: 10
  more:
    features: [z, other.b]
`;
  expect(problemsOf(text)).toEqual([
    '3:7 AS_OF `request.tim` is no request input: `asOf` names a timestamp input of the request; did you mean `request.time`?',
    '6:34 UNKNOWN_TYPE `inputs.instance.price`: `doubel` is not a type, did you mean `double`?',
    '9:12 YAML_SYNTAX the `{` is never closed',
    '12:16 CEL_UNKNOWN_NAME there is no instance.idd, did you mean `instance.id`?',
    '14:5 UNKNOWN_KEY unknown key `maxage`, did you mean `maxAge`?',
    '18:31 CEL_SYNTAX cannot be read here: unexpected token: MULTIPLY',
    '24:9 YAML_SYNTAX the `[` is never closed',
    '25:15 WRONG_TYPE `models.sales.deadline`: a duration is a number with its unit: 80ms, 2s, 10m, 24h, 30d; this is 10',
    '27:19 STRING_FEATURE `other.b` is a string: list its `categories` (only `wrapper: { tensors: columns }` sends text)',
  ]);
});

test('what the indentation, a tab or a quote tears out is told once, without the keys that it would have held', () => {
  const text = `version: 1
project: shop
inputs: { instance: { id: string } }
views:
  product:
    store: online
    key:
      id: instance.id
     fields: { stock: int64 }
  b:
    store: online
\tkey: { x: 1 }
  c:
    store: online
    key: { id: "instance.id }
    fields: { stock: int64 }
models:
  m:
    features: [product.stock, b.a, c.d]
    fallback: cel: '0.2'
`;
  expect(problemsOf(text)).toEqual([
    '9:6 YAML_SYNTAX all mapping items must start at the same column',
    '12:1 YAML_SYNTAX tabs are not allowed as indentation: write blanks',
    '15:16 YAML_SYNTAX the `"` is never closed',
    '20:15 YAML_SYNTAX a second `key:` on one line: put it on a line of its own, or its text in quotes',
  ]);
});

test('a file of which nothing can be read has one problem', () => {
  expect(problemsOf('{a: '.repeat(10_000))).toHaveLength(1);
  expect(problemsOf(Array.from({ length: 50 }, (_, line) => `k${line}: [`).join('\n'))).toHaveLength(1);
  expect(problemsOf('')).toEqual(['1:1 WRONG_TYPE the file is empty']);
});
