/** A model of one week: the columns that its file names in their order, and the categories of `carrier`. */
export interface WeekModel {
  columns: readonly string[];
  carriers: readonly string[];
  /** What it adds to every answer: all that a model trained anew may differ by. Default 0. */
  bias?: number;
}

export const FIRST_WEEK: WeekModel = { columns: ['instance.a', 'carrier'], carriers: ['AA', 'B6'] };
/** One feature more, in front of all others. */
export const SECOND_WEEK: WeekModel = { columns: ['stamp', 'instance.a', 'carrier'], carriers: ['AA', 'B6'] };
/** The columns of the first week, and a carrier more in front of its own: other codes. */
export const THIRD_WEEK: WeekModel = { columns: ['instance.a', 'carrier'], carriers: ['9E', 'AA', 'B6'] };

const WEIGHTS: Readonly<Record<string, number>> = { 'instance.a': 1, stamp: 1000 };
const OF_CARRIER: Readonly<Record<string, number>> = { AA: 0.25, B6: 0.5, '9E': 0.75 };
const STAMP = 7;

/** The model's text, as LightGBM saves it; how it predicts is in the class below. */
export function modelText({ columns, carriers, bias = 0 }: WeekModel): string {
  const codes = carriers.map((_, code) => code).join(':');
  const infos = columns.map((name) => (name === 'carrier' ? codes : '[0:9999]'));
  return [
    'tree',
    'version=v4',
    `max_feature_idx=${columns.length - 1}`,
    `bias=${bias}`,
    `feature_names=${columns.join(' ')}`,
    `feature_infos=${infos.join(' ')}`,
    '',
    'end of trees',
    '',
    `pandas_categorical:${JSON.stringify([carriers])}`,
    '',
  ].join('\n');
}

/** As LightGBM does it, columns count by their place and categories by their code: whatever is laid out otherwise is wrong. */
export const PREDICTOR = `
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
const WEIGHTS = ${JSON.stringify(WEIGHTS)};
const OF_CARRIER = ${JSON.stringify(OF_CARRIER)};
export default class Positional {
  load(folder) {
    const text = readFileSync(join(folder, 'model.txt'), 'utf8');
    this.names = /^feature_names=(.*)$/m.exec(text)[1].split(' ');
    this.bias = Number(/^bias=(.*)$/m.exec(text)[1]);
    [this.carriers] = JSON.parse(/^pandas_categorical:(.*)$/m.exec(text)[1]);
  }
  predict({ rows, matrix, features }) {
    const { names, carriers } = this;
    if (features.length !== names.length) throw new Error('another number of columns');
    return Float64Array.from({ length: rows }, (_, row) =>
      names.reduce((sum, name, at) => {
        const value = matrix[row * names.length + at];
        if (name !== 'carrier') return sum + WEIGHTS[name] * value;
        return Number.isNaN(value) ? sum : sum + OF_CARRIER[carriers[value]];
      }, this.bias));
  }
}
`;

export interface Instance {
  a: number;
  carrier: string;
}

/** What the model of a week answers: a carrier that it does not know is null to it. */
export function expected({ columns, carriers, bias = 0 }: WeekModel, { a, carrier }: Instance): number {
  return (
    bias +
    a +
    (columns.includes('stamp') ? 1000 * STAMP : 0) +
    (carriers.includes(carrier) ? (OF_CARRIER[carrier] ?? 0) : 0)
  );
}

/** `wrapper` is what stands beside the predictor. */
export const yamlOf = (wrapper: string): string => `version: 1
project: p
inputs: { instance: { a: double, carrier: string } }
onDemand: { stamp: { type: double, cel: 'instance.a * 0.0 + ${STAMP}.0' } }
models:
  m:
    deadline: 10s
    features: from-model
    aliases: [{ name: carrier, from: instance.carrier }]
    wrapper: { predictor: ./predictor.js, ${wrapper} }
server: { http: { port: 0 }, admin: { port: 0 } }
`;
