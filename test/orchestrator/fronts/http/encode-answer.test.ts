import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../foundation/errors.ts';
import {
  degradedHeader,
  encodeFeatures,
  encodePredictions,
  timingHeader,
} from '../../../../orchestrator/fronts/http/encode-answer.ts';
import { Source, Status, type Column } from '../../../../orchestrator/plan/column.ts';
import type { Degraded, Output } from '../../../../orchestrator/predict/call.ts';
import { answerOf, AS_OF } from './answer-of.ts';

const predictions = (...outputs: Output['values'][]): string =>
  encodePredictions(answerOf({ outputs: outputs.map((values, at) => ({ name: `o${at}`, values })) }));

describe('an encoded answer', () => {
  it('has nothing but predictions where there is nothing else to say', () => {
    expect(predictions(Float64Array.of(0.5, 1))).toBe('{"predictions":[0.5,1]}');
  });

  it('writes every finite number so that the same bits are read back, and null for what JSON has not', () => {
    expect(predictions(Float64Array.of(-0, NaN, Infinity, 5e-324, 1e21))).toBe(
      '{"predictions":[-0,null,null,5e-324,1e+21]}',
    );
    const numbers = fc.array(fc.double(), { minLength: 1, maxLength: 20 });
    const read = (text: string) => (JSON.parse(text) as { predictions: unknown[] }).predictions;
    fc.assert(
      fc.property(numbers, (values) => {
        const wanted = values.map((value) => (Number.isFinite(value) ? value : null));
        expect(read(predictions(Float64Array.from(values)))).toStrictEqual(wanted);
        expect(read(predictions([values]))).toStrictEqual([wanted]);
        expect(read(predictions(Float64Array.from(values), values.map(String)))).toStrictEqual(
          wanted.map((o0, row) => ({ o0, o1: String(values[row]) })),
        );
      }),
    );
  });

  it('escapes strings, and shows vectors as lists', () => {
    expect(predictions(['a"b\n', null])).toBe('{"predictions":["a\\"b\\n",null]}');
    expect(predictions([[1, -0], null])).toBe('{"predictions":[[1,-0],null]}');
  });

  it('makes an object of several outputs, and null of an instance that has none of them', () => {
    expect(predictions(Float64Array.of(0.25, NaN), ['late', null])).toBe(
      '{"predictions":[{"o0":0.25,"o1":"late"},null]}',
    );
    expect(predictions(Float64Array.of(NaN), ['late'])).toBe('{"predictions":[{"o0":null,"o1":"late"}]}');
  });

  it('adds ids, ranking, degraded views, errors and the fallback, in this order', () => {
    const details = [{ instance: 1, field: 'km', problem: 'is required (double)' }];
    const text = encodePredictions(
      answerOf({
        outputs: [{ name: 'o', values: Float64Array.of(0.2, NaN) }],
        ids: ['x', 7],
        ranking: [0],
        degraded: [{ view: 'plane', status: 'NOT_FOUND', source: 'default', count: 1, rows: [0] }],
        errors: [
          {
            instance: 1,
            error: new AppError('INVALID_INPUT', 'km is required.', { details, cause: new Error('secret') }),
          },
        ],
        fallback: 'OVERLOADED',
      }),
    );
    expect(text).toBe(
      '{"predictions":[0.2,null],"ids":["x",7],"ranking":[0]' +
        ',"degraded":[{"view":"plane","status":"NOT_FOUND","source":"default","count":1,"rows":[0]}]' +
        `,"errors":[{"instance":1,"code":"INVALID_INPUT","error":"km is required.","details":${JSON.stringify(details)}}]` +
        ',"fallback":"OVERLOADED"}',
    );
  });
});

describe('encoded features', () => {
  const column = (given: Partial<Column>): Column => ({
    name: 'plane.seats',
    type: 'int64',
    values: Float64Array.of(150, NaN),
    status: Uint8Array.of(Status.PRESENT, Status.NOT_FOUND),
    source: Uint8Array.of(Source.store, Source.none),
    ...given,
  });
  const features = (...gathered: Column[]): unknown =>
    JSON.parse(encodeFeatures(answerOf({ rows: 2, gathered, ids: ['x', 'y'] })));

  it('name the status and the source of each value beside it', () => {
    expect(features(column({}))).toEqual({
      rows: 2,
      ids: ['x', 'y'],
      features: [
        { name: 'plane.seats', values: [150, null], statuses: ['PRESENT', 'NOT_FOUND'], sources: ['store', 'none'] },
      ],
    });
  });

  it('tell ages against the moment of the request, 0 for a row from after it, null for one without a time', () => {
    const ages = (...timestampMs: number[]) =>
      (features(column({ timestampMs: Float64Array.from(timestampMs) })) as { features: [{ agesMs: unknown }] })
        .features[0].agesMs;
    expect(ages(AS_OF - 3_600_000, NaN)).toEqual([3_600_000, null]);
    expect(ages(AS_OF + 1, AS_OF)).toEqual([0, 0]);
  });

  it('show strings as they are', () => {
    expect(features(column({ name: 'a"b', values: ['é', null] }))).toMatchObject({
      features: [{ name: 'a"b', values: ['é', null] }],
    });
  });
});

describe('headers of an answer', () => {
  const degraded = (...views: Omit<Degraded, 'count'>[]): string | undefined =>
    degradedHeader(answerOf({ degraded: views.map((each) => ({ ...each, count: 1 })) }));

  it('speak of incidents only: a declared default is none', () => {
    expect(degraded({ view: 'plane', status: 'NOT_FOUND', source: 'default' })).toBeUndefined();
    expect(degraded({ view: 'route', status: 'OUTSIDE_MAX_AGE', source: 'none' })).toBeUndefined();
    expect(
      degraded(
        { view: 'plane', status: 'NOT_FOUND', source: 'default' },
        { view: 'weather', status: 'PRESENT', source: 'stale' },
        { view: 'pulse', status: 'TIMEOUT', source: 'default' },
        { view: 'route', status: 'ERROR', source: 'none' },
      ),
    ).toBe('weather=stale, pulse=timeout, route=error');
  });

  it('give Server-Timing in milliseconds', () => {
    const timing = { decode: 0.01234, features: 1, matrix: 0, model: 2.5, total: 4 };
    expect(timingHeader(answerOf({ timing }))).toBe(
      'decode;dur=0.012, features;dur=1.000, matrix;dur=0.000, model;dur=2.500, total;dur=4.000',
    );
  });
});
