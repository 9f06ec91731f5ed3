import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { PredictRequest, Predictor } from 'tandem-serving';

/** The probability that each departure arrives 15 minutes late or more. */
export default class DelayRisk implements Predictor {
  #session!: InferenceSession;

  async load(modelDir: string): Promise<void> {
    this.#session = await InferenceSession.create(join(modelDir, 'model.onnx'), { intraOpNumThreads: 1 });
  }

  async predict({ rows, features, matrix }: PredictRequest): Promise<Float32Array> {
    const input = new Tensor('float32', Float32Array.from(matrix), [rows, features.length]);
    const { probabilities } = await this.#session.run({ [this.#session.inputNames[0]]: input }, ['probabilities']);
    const pairs = probabilities.data as Float32Array; // [on time, late] of each row
    return pairs.filter((_, index) => index % 2 === 1);
  }
}
