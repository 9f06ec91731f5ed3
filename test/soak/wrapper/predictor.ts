import type { PredictAnswer, Predictor, PredictRequest } from '../../../wrapper/predictor.ts';

const FEATURES = 3;

/** Computes what the soak can compute too, and does wrong where `parameters.do` says how. */
export default class Priced implements Predictor {
  predict({ rows, matrix, parameters }: PredictRequest): PredictAnswer {
    switch (parameters['do']) {
      case 'loop':
        for (;;);
      case 'hog':
        for (const held: Buffer[] = []; ; held.push(Buffer.alloc(8 * 1024 ** 2, 'x')));
      case 'hog-to-limit':
        for (const held: unknown[] = []; ; held.push({ held: held.length }));
    }
    const value = Array.from({ length: rows }, (_, row) => {
      const [base, twice, offset] = matrix.subarray(row * FEATURES, (row + 1) * FEATURES);
      return base * 2 ** 24 + twice + offset;
    });
    return { value, process: Array.from({ length: rows }, () => process.pid) };
  }
}
