/** What of the configuration a reload changes; every combination answers otherwise, so an answer tells which one made it. */
export interface Variant {
  seatsDefault: number;
  stamp: number;
  /** Features beside the first three: each is another layout of the model's input. */
  hasInput: boolean;
  hasView: boolean;
  hasStore: boolean;
  instances: number;
  deadlineMs: number;
}

export const FIRST: Variant = {
  seatsDefault: 100,
  stamp: 1,
  hasInput: false,
  hasView: false,
  hasStore: false,
  instances: 1000,
  deadlineMs: 10_000,
};

/** One change at a time, as weekly edits are: what step `n` makes of the variant before it. */
const CHANGES: ((before: Variant, step: number) => Variant)[] = [
  (before, step) => ({ ...before, seatsDefault: 100 + step }),
  (before) => ({ ...before, hasInput: !before.hasInput }),
  (before, step) => ({ ...before, stamp: 1 + step }),
  (before) => ({ ...before, hasView: !before.hasView }),
  (before, step) => ({ ...before, instances: 1000 + step }),
  (before) => ({ ...before, hasStore: !before.hasStore }),
  (before, step) => ({ ...before, deadlineMs: 10_000 + step }),
];

export function nextVariant(before: Variant, step: number): Variant {
  return CHANGES[step % CHANGES.length](before, step);
}

/** Whether the wrapper is asked for another layout, and so connected to anew. */
export function isOtherLayout(a: Variant, b: Variant): boolean {
  return a.hasInput !== b.hasInput || a.hasView !== b.hasView || a.hasStore !== b.hasStore;
}

export function yamlOf({ seatsDefault, stamp, hasInput, hasView, hasStore, instances, deadlineMs }: Variant): string {
  const extra = [...(hasInput ? ['instance.b'] : []), ...(hasView ? ['extra.x'] : []), ...(hasStore ? ['late.y'] : [])];
  // The new features come first: a matrix that is read in the old layout gives a wrong answer.
  const features = [...extra, 'instance.a', 'plane.seats', 'stamp'];
  return [
    'version: 1',
    'project: p',
    'inputs: { instance: { id: string, a: double, b: double } }',
    `stores: { online: { type: lmdb }${hasStore ? ', second: { type: lmdb }' : ''} }`,
    'views:',
    `  plane: { store: online, key: { id: instance.id }, fields: { seats: double }, defaults: { seats: ${seatsDefault} } }`,
    hasView ? '  extra: { store: online, key: { id: instance.id }, fields: { x: double }, defaults: { x: 7 } }' : '',
    hasStore ? '  late: { store: second, key: { id: instance.id }, fields: { y: double }, defaults: { y: 5 } }' : '',
    `onDemand: { stamp: { type: double, cel: 'instance.a * 0.0 + ${stamp}.0' } }`,
    `models: { m: { deadline: ${deadlineMs}ms, features: [${features.join(', ')}], wrapper: { predictor: ./predictor.js } } }`,
    'server: { http: { port: 0 }, admin: { port: 0 } }',
    `limits: { instances: ${instances} }`,
    '',
  ].join('\n');
}

/** Files that are no configuration: YAML that does not end, a key that nobody knows, a name that nothing defines. */
export function brokenYaml(variant: Variant, step: number): string {
  const yaml = yamlOf(variant);
  const breaks = [`${yaml}models: [`, `${yaml}limit: {}\n`, yaml.replace('plane.seats', 'plain.seats')];
  return breaks[step % breaks.length];
}

const WEIGHTS = { 'instance.b': 0.5, 'extra.x': 3, 'late.y': 2, 'instance.a': 1, 'plane.seats': 10, stamp: 1000 };

/** Looks its features up once, as predictors do: a second layout on the same object would be answered wrong. */
export const PREDICTOR = `
const WEIGHTS = ${JSON.stringify(WEIGHTS)};
export default class Weighted {
  predict({ rows, matrix, features }) {
    this.weights ??= features.map((name) => WEIGHTS[name]);
    const { weights } = this;
    return Float64Array.from({ length: rows }, (_, row) =>
      weights.reduce((sum, weight, at) => sum + weight * matrix[row * weights.length + at], 0));
  }
}
`;

export interface Instance {
  id: string;
  a: number;
  b: number;
}

/** The seats of the one row that the store has. */
export const STORED = { id: 'A', seats: 200 };

export function expected(variant: Variant, { id, a, b }: Instance): number {
  const seats = id === STORED.id ? STORED.seats : variant.seatsDefault;
  return (
    a +
    10 * seats +
    1000 * variant.stamp +
    (variant.hasInput ? 0.5 * b : 0) +
    (variant.hasView ? 3 * 7 : 0) +
    (variant.hasStore ? 2 * 5 : 0)
  );
}
