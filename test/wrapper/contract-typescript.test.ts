import { describeCallers } from './callers-contract.ts';
import { describeFrames } from './frames-contract.ts';
import { describeUnary } from './unary-contract.ts';
import { describeWrapper } from './wrapper-contract.ts';
import { openProject } from './wrap-process.ts';

const SOURCE = `
import type { Predictor, PredictRequest } from 'tandem-serving';

let calls = 0;
const reused = new Float64Array(1);

export default class Sum implements Predictor {
  predict(request: PredictRequest): any {
    calls += 1;
    const { rows, matrix, parameters } = request;
    const sums = Float64Array.from({ length: rows }, (_, row) => matrix[row * 2] + matrix[row * 2 + 1]);
    switch (parameters.do) {
      case undefined: return sums;
      case 'reuse': reused[0] = sums[0]; return reused;
      case 'throw': throw new Error('secret /etc/shadow');
      case 'nan': return sums.fill(Number.NaN);
      case 'strings': return Array.from(sums, String);
      case 'two': return { sum: sums, pair: { shape: [rows, 2], data: [...matrix] } };
      case 'few': return sums.subarray(1);
      case 'nothing': return undefined;
      case 'mixed': return ['x', 1];
      case 'first': return request.column('a');
      case 'columns': return request.column('b');
      case 'names': return [request.features.join()];
      case 'block': { const end = performance.now() + 30; while (performance.now() < end); return sums; }
      case 'calls': { const seen = calls; calls = 0; return [seen]; }
      case 'memory': return new Float64Array(2 ** 50);
      case 'die': return process.exit(3);
      case 'hang': for (;;);
    }
  }
}
`;

const open = () => openProject(SOURCE, { wrapper: 'hangAfter: 500ms' });

for (const carrier of ['ModelStreamInfer', 'frames'] as const) {
  describeWrapper('TypeScript', carrier, open);
  describeCallers('TypeScript', carrier, open);
}
describeFrames('TypeScript', open);
describeUnary('TypeScript', open);
