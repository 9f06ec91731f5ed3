/** A project of two models, as small as it can be: one with a fallback, one with several outputs and a store without rows. */
export const TANDEM_YAML = `
version: 1
project: p
inputs:
  request: { times: double }
  instance: { id: string, x: double, at: timestamp }
stores: { online: { type: lmdb, path: rows } }
views:
  plane: { store: online, key: { id: instance.id }, fields: { seats: int64 } }
onDemand: { times: { type: double, cel: request.times } }
models:
  risk:
    features: [instance.x, times]
    id: instance.id
    partial: true
    fallback: { cel: '0.2', on: [DEADLINE_EXCEEDED] }
    wrapper: { predictor: ./predictor.ts }
  both:
    features: [instance.x, times, plane.seats]
    partial: true
    outputs: { risk: { from: predictions }, label: { from: label }, pair: { from: pair } }
    wrapper: { predictor: ./several.ts }
server: { stateDir: state }
`;

/** Answers the product of a row; with `hang` not before the caller has gone. */
export const PREDICTOR = `
export default class Product {
  predict({ rows, matrix, parameters, signal }) {
    if (parameters.hang) return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    return Array.from({ length: rows }, (_, row) => matrix[2 * row] * matrix[2 * row + 1]);
  }
}
`;

export const SEVERAL = `
export default class Several {
  predict({ rows, matrix, parameters, signal }) {
    if (parameters.hang) return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const predictions = Array.from({ length: rows }, (_, row) => matrix[3 * row]);
    return {
      predictions,
      label: predictions.map((risk) => (risk > 0.5 ? 'late' : 'on time')),
      pair: { shape: [rows, 2], data: predictions.flatMap((risk) => [risk, risk + 1]) },
    };
  }
}
`;
