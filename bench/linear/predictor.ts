import type { PredictRequest, Predictor } from 'tandem-serving';
import { scoreRows } from './model.ts';

/** The linear model as a researcher would hand it to Tandem. */
export default class Linear implements Predictor {
  predict({ rows, matrix }: PredictRequest): Float64Array {
    const scores = new Float64Array(rows);
    scoreRows(matrix as Float64Array, rows, scores);
    return scores;
  }
}
