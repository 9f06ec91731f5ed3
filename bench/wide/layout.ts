/** What the wide model reads, 120 features an instance: 80 from the store, 25 from a REST API, 15 computed. */
export const INSTANCES = 200;
const COMPUTED = 15;

export interface WideView {
  name: string;
  /** The instance's input that is its key. */
  key: string;
  fields: number;
  /** Rows that there are. */
  rows: number;
  isService: boolean;
}

/** Three tables of the store and one view of the service; all are read per instance. */
export const VIEWS: readonly WideView[] = [
  { name: 'item', key: 'id', fields: 40, rows: 10_000, isService: false },
  { name: 'seller', key: 'seller', fields: 20, rows: 2_000, isService: false },
  { name: 'place', key: 'place', fields: 20, rows: 500, isService: false },
  { name: 'live', key: 'id', fields: 25, rows: 10_000, isService: true },
];

/** Which views have a cache before them. */
export type Caching = 'nothing' | 'service' | 'all';
export const CACHINGS = ['nothing', 'service', 'all'] as const satisfies Caching[];

const fieldsOf = ({ fields }: WideView): string[] => Array.from({ length: fields }, (_, at) => `f${at}`);

/** The value of a field of a row: halves, so that sums of them are exact in any order. */
export const valueOf = (view: WideView, row: number, field: number): number =>
  ((row * 31 + field * 17 + view.fields) % 2001) / 2 - 500;

/** A row as JSON has it. */
export function rowOf(view: WideView, row: number): Record<string, number> {
  return Object.fromEntries(fieldsOf(view).map((field, at) => [field, valueOf(view, row, at)]));
}

/** The key of a row: `i7`, `s7`, `p7`. */
export const keyOf = ({ key }: WideView, row: number): string => `${key[0]}${row}`;

/** The configuration; its service's URL is in the environment. */
export function wideConfig(caching: Caching, predictor: string): string {
  const features = VIEWS.flatMap((view) => fieldsOf(view).map((field) => `${view.name}.${field}`));
  const computed = Array.from({ length: COMPUTED }, (_, at) => `c${at}`);
  return `version: 1
project: bench
inputs:
  instance: { ${[...new Set(VIEWS.map(({ key }) => key))].map((key) => `${key}: string`).join(', ')} }
stores:
  online: { type: lmdb, path: online }
services:
  features: { url: '\${FEATURES_URL}', timeout: 1s }
views:
${VIEWS.map((view) => viewText(view, caching)).join('')}onDemand:
${computed.map((name, at) => `  ${name}: { type: double, cel: '${expression(at)}' }\n`).join('')}models:
  wide:
    deadline: 5s
    features: [${[...features, ...computed].join(', ')}]
    wrapper: { predictor: ${predictor} }
telemetry: { logs: { level: error } }
`;
}

function viewText(view: WideView, caching: Caching): string {
  const { name, key, isService } = view;
  const from = isService
    ? `    service: features
    batch: { size: 100, post: '/rows:lookup', body: { keys: $keys }, items: /items, match: { ${key}: /${key} } }
`
    : '    store: online\n';
  const isCached = caching === 'all' || (caching === 'service' && isService);
  return `  ${name}:
${from}    key: { ${key}: instance.${key} }
    fields: { ${fieldsOf(view)
      .map((field) => `${field}: double`)
      .join(', ')} }
    required: true
${isCached ? '    cache: { ttl: 10m, maxEntries: 20000 }\n' : ''}`;
}

/** Differences, products and choices of features of two views. */
function expression(at: number): string {
  const forms = [
    `item.f${at} - seller.f${at}`,
    `live.f${at} * 2.0 + place.f${at}`,
    `item.f${at} > live.f${at} ? 1.0 : 0.0`,
  ];
  return forms[at % forms.length];
}

/** The same by hand, for the answer that is right. */
export function computedOf(values: Record<string, readonly number[]>): number[] {
  const { item, seller, place, live } = values;
  return Array.from({ length: COMPUTED }, (_, at) => {
    if (at % 3 === 0) return item[at] - seller[at];
    return at % 3 === 1 ? live[at] * 2 + place[at] : Number(item[at] > live[at]);
  });
}
