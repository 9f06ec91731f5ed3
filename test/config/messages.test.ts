import { expect, test } from 'vitest';
import { formatProblem } from '../../config/print.ts';
import { problemsOf, withBlocks } from './sound.ts';

function messages(text: string): string[] {
  return problemsOf(text).map(({ message }) => message);
}

test('an unknown key that is near a known one names it', () => {
  const views =
    'views:\n  product: { store: online, key: { id: instance.id }, fields: { stock: int64 }, maxage: 10m, zzz: 1 }';
  expect(messages(withBlocks({ views }))).toEqual([
    'unknown key `maxage`, did you mean `maxAge`?',
    'unknown key `zzz`',
  ]);
});

test('a value of the wrong kind is told in plain words with what it is', () => {
  expect(messages(withBlocks({ rest: 'limits: { instances: many }\nserver: { http: { host: 7 } }' }))).toEqual([
    '`limits.instances` must be a number, is the string `many`',
    '`server.http.host` must be a string, is 7; write it in quotes',
  ]);
  const models = 'models:\n  sales: { features: [product.stock], partial: yes }';
  expect(messages(withBlocks({ models }))).toContain(
    '`models.sales.partial` must be a boolean, is the string `yes`; write `true`',
  );
});

test('a type of another language names ours, a list type says that it is not there yet', () => {
  const inputs =
    'inputs:\n  request: { time: timestamp }\n  instance: { id: str, price: float, count: "int64[]", shop: string }';
  expect(messages(withBlocks({ inputs }))).toEqual([
    '`inputs.instance.id`: `str` is not a type, did you mean `string`?',
    '`inputs.instance.price`: `float` is not a type, did you mean `double`?',
    '`inputs.instance.count`: `int64[]` is not a type yet; the types are bool, int64, double, string, timestamp, and with `?` for an input that may be left out',
  ]);
});

test('an on-demand feature of the wrong type names the mend', () => {
  const onDemand = 'onDemand:\n  twice: { type: double, cel: product.stock }';
  expect(messages(withBlocks({ onDemand }))).toEqual([
    '`twice` is declared as double, and its expression gives int64: write `double(…)` round it, or declare `type: int64`',
  ]);
});

test('a circle is told once, with the way round it', () => {
  const onDemand =
    'onDemand:\n  twice: { type: double, cel: a }\n  a: { type: double, cel: b }\n  b: { type: double, cel: c }\n  c: { type: double, cel: a }';
  expect(messages(withBlocks({ onDemand }))).toEqual([
    '`a` needs `b` needs `c` needs `a`: one of them must do without the next',
  ]);
});

test('a problem prints as one line, its file relative to the folder one stands in', () => {
  const problem = {
    file: '/home/ada/flights/tandem.yaml',
    line: 3,
    column: 7,
    severity: 'error',
    code: 'AS_OF',
    message: 'm',
  } as const;
  expect(formatProblem(problem)).toBe('/home/ada/flights/tandem.yaml:3:7 error AS_OF m');
  expect(formatProblem(problem, '/home/ada')).toBe('flights/tandem.yaml:3:7 error AS_OF m');
  expect(formatProblem(problem, '/home/bob')).toBe('/home/ada/flights/tandem.yaml:3:7 error AS_OF m');
});
