import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Predictor, PredictRequest } from 'tandem-serving';

interface Weights {
  bias: number;
  /** A weight a feature, by its name in tandem.yaml. */
  weights: Readonly<Record<string, number>>;
}

/**
 * A logistic regression. Put your model in its place: `load` runs once, `predict` for each request, and returns a number
 * for each of its rows. Node runs this file as it is: types are stripped, nothing is compiled.
 */
export default class Interest implements Predictor {
  #bias = 0;
  #weights: Readonly<Record<string, number>> = {};

  /** `modelDir` is the folder that tandem.yaml calls `modelUri`. */
  async load(modelDir: string): Promise<void> {
    const text = await readFile(join(modelDir, 'weights.json'), 'utf8');
    const { bias, weights } = JSON.parse(text) as Weights;
    this.#bias = bias;
    this.#weights = weights;
  }

  predict(request: PredictRequest): Float64Array {
    const sums = new Float64Array(request.rows).fill(this.#bias);
    for (const name of request.features) {
      const weight = this.#weights[name];
      if (weight === undefined) throw new Error(`model/weights.json has no weight for ${name}`);
      const values = request.column(name) as Float64Array; // one a row; NaN is null
      for (let row = 0; row < request.rows; row++) if (!Number.isNaN(values[row])) sums[row] += weight * values[row];
    }
    return sums.map((sum) => 1 / (1 + Math.exp(-sum)));
  }
}
