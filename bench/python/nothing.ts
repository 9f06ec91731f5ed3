import type { PredictRequest, Predictor } from 'tandem-serving';

/** Zeros. */
export default class Nothing implements Predictor {
  predict({ rows }: PredictRequest): Float64Array {
    return new Float64Array(rows);
  }
}
