import { expect, test } from 'vitest';
import type { Rule } from '../../config/rules.ts';
import { codesAtMarks, withBlocks } from './marked.ts';

const view = (text: string): string => withBlocks({ views: `views:\n  product: ${text}` });
const PARTS = 'store: online, key: { id: instance.id }';
const FIELDS = 'fields: { stock: int64, brand: string }';
const model = (text: string): string => withBlocks({ models: `models:\n  sales: ${text}` });
/** A view of a service, `weather` unless the text declares others. */
const service = (text: string, more = 'services: { weather: { url: http://localhost:9090 } }'): string =>
  withBlocks({
    views: `${more}\nviews:\n  weather: ${text}\n  product: { store: online, key: { id: instance.id }, fields: { stock: int64 } }`,
    models: 'models:\n  sales: { features: [instance.price, product.stock, twice, weather.temp] }',
  });
const CALL = 'service: weather, key: { shop: instance.shop, id: instance.id }, fields: { temp: double }';
const GET = "get: '/shops/{shop}/ids/{id}'";
const batch = (text: string): string => service(`{ ${CALL}, batch: { post: /all, ${text} } }`);
const MATCH = 'match: { shop: /shop, id: /id }';
const rest = (text: string): string => withBlocks({ rest: text });

/** Rules of several files have tests of their own (files.test.ts). */
type InFiles = 'FILE_UNREADABLE' | 'INCLUDE_UNREADABLE' | 'INCLUDE_CYCLE' | 'INCLUDE_KEY' | 'INCLUDE_DUPLICATE';

/** For each rule, texts that break it and nothing else, each place marked. */
const BROKEN: Record<Exclude<Rule, InFiles>, string[]> = {
  YAML_SYNTAX: [
    rest('limits: ▸{ instances: 5'),
    rest('limits: [}▸'.replace('}▸', '▸}')),
    rest('limits:\n▸\tinstances: 5'),
    rest('limits:\n  ? ▸[a]\n  : 5'),
    rest('limits: { instances: $▸{N:-5} }'),
    rest('▸---\nversion: 1'),
    rest('limits: { instances: a▸[] }'),
  ],
  YAML_TAG: [rest('limits: { instances: ▸!!python/int 5 }')],
  YAML_ALIAS: [rest('limits: { instances: ▸*many }'), rest('server: { drain: &loop { delay: ▸*loop } }')],
  MERGE_KEY: [rest('limits: { ▸<<: { instances: 5 } }')],
  DUPLICATE_KEY: [rest('limits: { instances: 5, ▸instances: 6 }'), rest('▸project: again')],
  EMPTY_VALUE: [rest('▸limits:'), rest('limits:\n  ▸instances:\n  bodyBytes: 1MiB')],
  ENV_SYNTAX: [rest('server: { stateDir: ▸"${no name}" }'), rest('server: { stateDir: ▸"a${OPEN" }')],
  ENV_UNSET: [rest('server: { stateDir: ▸"${ABSENT}/x" }'), rest('server: { http: { port: ▸"${ABSENT}" } }')],
  UNKNOWN_KEY: [
    rest('▸streams: {}\n▸cache: {}'),
    view(`{ ${PARTS}, ${FIELDS}, ▸caching: { ttl: 1m }, ▸constructor: 1, ▸__proto__: 1 }`),
    model('{ features: [instance.price, { name: twice, ▸form: twice }] }'),
    model('{ features: [instance.price], wrapper: { ▸replicas: 2, ▸python: x } }'),
  ],
  MISSING_KEY: [
    view(`{ ${PARTS} }`).replace('product: {', '▸product: {'),
    model('{ features: [instance.price, ▸{ from: twice }] }'),
    withBlocks({ head: '▸version: 1' }),
  ],
  WRONG_TYPE: [
    view(`{ ${PARTS}, ${FIELDS}, required: ▸"yes" }`),
    view(`{ ${PARTS}, ${FIELDS}, maxAge: ▸10 }`),
    rest('limits: { instances: ▸1.5 }\nserver: ▸8080'),
    model('{ features: [instance.price, ▸3] }'),
    '▸- version: 1',
    '▸',
  ],
  WRONG_VALUE: [
    withBlocks({ head: 'version: ▸2\nproject: shop' }),
    withBlocks({ stores: 'stores: { online: { type: ▸redis } }' }),
    view(`{ ${PARTS}, ${FIELDS}, onMissing: ▸nul, onError: null }`),
    model('{ features: [{ name: product.brand, categories: [a], unknown: ▸nil }] }'),
  ],
  OUT_OF_RANGE: [rest('server: { http: { port: ▸70000 } }\nlimits: { instances: ▸0 }')],
  TOO_FEW: [
    view(`{ store: online, ▸key: {}, ${FIELDS} }`),
    model('{ ▸features: [] }'),
    rest('server: { stateDir: ▸"" }'),
    rest('server: { admin: { token: ▸short } }'),
  ],
  NAME_SYNTAX: [
    withBlocks({ head: 'version: 1\nproject: ▸my shop' }),
    view(`{ ${PARTS}, fields: { ▸a-b: int64, ▸2013: int64 } }`),
    withBlocks({ models: 'models: { ▸a/b: { features: [twice] } }' }),
  ],
  DURATION_SYNTAX: [model('{ features: [twice], deadline: ▸150, budget: { model: ▸10 ms } }').replace('150', '"150"')],
  SIZE_SYNTAX: [rest('limits: { bodyBytes: ▸1MB }')],
  UNKNOWN_TYPE: [
    view(`{ ${PARTS}, fields: { a: ▸float, b: ▸"double[]", c: ▸bytes, d: { type: ▸string? } } }`),
    withBlocks({
      inputs:
        'inputs: { request: { time: ▸datetime }, instance: { id: string, price: double, count: int64, shop: string } }',
    }),
  ],
  RESERVED_NAME: [
    rest('').replace('  twice:', '  ▸int: { type: double, cel: instance.price }\n  twice:'),
    rest('').replace('  twice:', '  ▸request: { type: double, cel: instance.price }\n  twice:'),
    view(`{ ${PARTS}, fields: { stock: int64, ▸in: string } }`),
  ],
  DUPLICATE_NAME: [rest('').replace('  twice:', '  ▸product: { type: double, cel: instance.price }\n  twice:')],
  UNKNOWN_STORE: [
    view(`{ store: ▸onlin, key: { id: instance.id }, ${FIELDS} }`),
    withBlocks({ stores: '' }).replace('store: ', 'store: ▸'),
  ],
  UNKNOWN_SERVICE: [
    view(`{ service: ▸weathr, get: '/{id}', key: { id: instance.id }, ${FIELDS} }`),
    withBlocks({
      views: `services: { weather: { url: http://localhost } }\nviews:\n  product: { service: ▸weathr, get: '/{id}', key: { id: instance.id }, ${FIELDS} }`,
    }),
  ],
  VIEW_SOURCE: [
    view(`{ key: { id: instance.id }, ${FIELDS} }`).replace('product: {', '▸product: {'),
    view(`{ ▸service: weather, ${PARTS}, ${FIELDS} }`),
    view(`{ ${PARTS}, ${FIELDS}, ▸get: '/{id}', ▸timestamp: /at }`),
    withBlocks({
      views: `services: { weather: { url: http://localhost } }\nviews:\n  ▸product: { service: weather, key: { id: instance.id }, ${FIELDS} }`,
    }),
  ],
  SECRET_SYNTAX: [rest('server: { admin: { token: ▸secret:vault:tandem-admin-token } }')],
  SECRET_IN_CLEAR: [
    rest('server: { admin: { token: ▸tandem-admin-token-2026 } }'),
    service(
      `{ ${CALL}, ${GET} }`,
      'services: { weather: { url: http://localhost:9090, headers: { Authorization: ▸Bearer abc, x-api-key: ▸k, accept: text/plain } } }',
    ),
  ],
  SERVICE_URL: [
    '▸localhost:9090',
    '▸ftp://localhost',
    '▸http://me:pw@localhost',
    '▸http://localhost/v1',
    '▸"http://localhost?a=1"',
  ].map((url) => service(`{ ${CALL}, ${GET} }`, `services: { weather: { url: ${url} } }`)),
  URL_PATH: [
    ...[
      "▸'http://other/{shop}/{id}'",
      "▸'//other/{shop}/{id}'",
      "▸'shops/{shop}/{id}'",
      "▸'/a/../{shop}/{id}'",
      "▸'/a#{shop}/{id}'",
      "▸'/%2e%2E/{shop}/{id}'",
    ].map((get) => service(`{ ${CALL}, get: ${get} }`)),
    batch(`body: $keys, ${MATCH} }`).replace('post: /all', "post: ▸'\\\\other'").replace(`${MATCH} }`, MATCH),
  ],
  URL_TEMPLATE: [
    ...[
      "▸'/shops/{shop}/ids/{ip}'",
      "▸'/shops/{shop}'",
      "▸'/shops/{shop}/{id}/{id}'",
      "▸'/shops/{shop}?id=a{id}'",
      "▸'/shops/{shop}/{id'",
    ].map((get) => service(`{ ${CALL}, get: ${get} }`)),
    batch(`body: $keys, ${MATCH}`).replace('post: /all', "post: ▸'/all/{shop}'"),
  ],
  BATCH_BODY: [batch(`▸body: { keys: [keys] }, ${MATCH}`)],
  BATCH_MATCH: [
    batch('body: $keys, ▸match: { shop: /shop }'),
    batch('body: $keys, match: { shop: /shop, id: /id, ▸ip: /ip }'),
  ],
  JSON_POINTER: [
    batch(`body: $keys, items: ▸items, ${MATCH}`),
    batch('body: $keys, match: { shop: ▸$.shop, id: /id }'),
    service(`{ ${CALL}, ${GET}, timestamp: ▸/a~2 }`),
    service(`{ ${CALL}, ${GET} }`.replace('temp: double', 'temp: { type: double, at: ▸temp.c }')),
  ],
  CACHE_ORDER: [
    view(`{ ${PARTS}, ${FIELDS}, cache: { ttl: 10m, staleWhileRevalidate: ▸5m, staleIfError: ▸10m } }`),
    view(`{ ${PARTS}, ${FIELDS}, cache: { ttl: 10m, staleWhileRevalidate: 1h, staleIfError: ▸30m } }`),
  ],
  STORE_PATH: [withBlocks({ stores: 'stores: { online: { type: lmdb }, other: { type: lmdb, path: ▸./online } }' })],
  DEFAULT_UNUSED: [view(`{ ${PARTS}, ${FIELDS}, onMissing: null, onError: fail, ▸defaults: { stock: 1 } }`)],
  TIMEOUT_BUDGET: [
    service(`{ ${CALL}, ${GET} }`, 'services: { weather: { url: http://localhost, timeout: ▸400ms, retries: 1 } }'),
  ],
  MODEL_NAME: [
    withBlocks({ models: 'models:\n  sales: { features: [product.stock, twice] }\n  ▸Sales: { features: [twice] }' }),
  ],
  MODEL_ADDRESS: [
    withBlocks({
      models:
        'models:\n  sales: { features: [product.stock, twice] }\n  more: { features: [twice], wrapper: { address: ▸unix:sales.sock } }',
    }),
  ],
  FALLBACK_NEEDS: [model('{ features: [twice, product.stock], fallback: { cel: ▸double(product.stock) } }')],
  OVERRIDE_NAME: [withBlocks({ rest: 'overrides: [▸product.stok, twice, ▸instance.price]' })],
  OVERRIDE_SCOPE: [withBlocks({ rest: 'overrides: [▸instance.product.stock, ▸request.twice]' })],
  UNUSED_VIEW: [model('{ features: [twice] }').replace('product:', '▸product:')],
  UNUSED_ON_DEMAND: [model('{ features: [product.stock] }').replace('twice:', '▸twice:')],
  UNUSED_STORE: [withBlocks({ stores: 'stores: { online: { type: lmdb }, ▸other: { type: lmdb } }' })],
  UNUSED_SERVICE: [rest('▸services: { weather: { url: http://localhost } }').replace('▸services: { ', 'services: { ▸')],
  LIMITS_ORDER: [
    rest('limits: { instances: ▸100, instancesInFlight: 50 }'),
    rest('limits: { instancesInFlight: ▸50 }'),
  ],
  MESSAGE_SIZE: [rest('limits: { instances: ▸1000000, instancesInFlight: 2000000 }')],
  RUN_SERVICE: [rest("dev: { run: { ▸wether: 'node weather.ts' } }")],
  KEY_TYPE: [view(`{ store: online, key: { id: ▸instance.price }, ${FIELDS} }`)],
  TABLE_KEY: [
    withBlocks({ rest: '' }).replace(
      'onDemand:',
      '  other: { store: online, table: product, ▸key: { shop: instance.id }, fields: { stock: int64 } }\nonDemand:',
    ),
    withBlocks({ rest: '' }).replace(
      'onDemand:',
      '  other: { store: online, table: product, ▸key: { id: instance.count }, fields: { stock: int64 } }\nonDemand:',
    ),
  ],
  TABLE_FIELD: [
    withBlocks({ rest: '' }).replace(
      'onDemand:',
      '  other: { store: online, table: product, key: { id: instance.shop }, fields: { stock: ▸double } }\nonDemand:',
    ),
  ],
  DEFAULT_FIELD: [view(`{ ${PARTS}, ${FIELDS}, defaults: { ▸stok: 1, ▸constructor: 1 } }`)],
  DEFAULT_TYPE: [
    view(`{ ${PARTS}, ${FIELDS}, defaults: { stock: ▸1.5, brand: ▸3 } }`),
    view(
      `{ ${PARTS}, fields: { stock: int64, at: timestamp, sold: bool }, defaults: { at: ▸2013-05-05, sold: ▸1, stock: ▸9007199254740993 } }`,
    ),
    model('{ features: [{ name: product.brand, default: ▸1 }], wrapper: { tensors: columns } }'),
  ],
  REQUIRED_VIEW: [
    view(`{ ${PARTS}, ${FIELDS}, required: true, onMissing: ▸default, onError: fail, ▸defaults: { stock: 1 } }`),
    view(`{ ${PARTS}, ${FIELDS}, required: true, onError: ▸null, nulls: default, defaults: { stock: 1 } }`),
  ],
  ON_DEMAND_TYPE: [
    withBlocks({ onDemand: 'onDemand:\n  twice: { type: double, cel: ▸product.stock }' }),
    withBlocks({ onDemand: 'onDemand:\n  twice: { type: int64, cel: ▸1.0 }' }),
  ],
  CYCLE: [
    withBlocks({ onDemand: 'onDemand:\n  twice: { type: double, cel: ▸half }\n  half: { type: double, cel: twice }' }),
    withBlocks({
      views:
        'views:\n  product: { store: online, key: { id: ▸other.id }, fields: { id: string, stock: int64 } }\n  other: { store: online, key: { id: made }, fields: { id: string } }',
      onDemand: 'onDemand:\n  made: { type: string, cel: product.id }\n  twice: { type: double, cel: instance.price }',
    }),
    withBlocks({ onDemand: 'onDemand:\n  twice: { type: double, cel: ▸twice }' }),
  ],
  UNKNOWN_FEATURE: [model('{ features: [▸product.stok, ▸price, { name: x, from: ▸twise }, { name: ▸constructor }] }')],
  DUPLICATE_FEATURE: [model('{ features: [twice, ▸twice, { from: instance.price, name: ▸twice }] }')],
  STRING_FEATURE: [
    model('{ features: [▸product.brand, { name: b, from: ▸product.brand }] }'),
    model('{ features: [▸product.brand], wrapper: { tensors: columns } }'),
  ],
  CATEGORIES_TYPE: [model('{ features: [{ name: twice, ▸categories: [a] }] }')],
  CATEGORY_REPEATED: [model('{ features: [{ name: product.brand, categories: [a, b, ▸a, ▸b] }] }')],
  UNKNOWN_POLICY: [model('{ features: [{ name: twice, unknown: ▸fail }] }')],
  FEATURE_DEFAULT: [
    model('{ features: [{ name: twice, default: ▸1 }] }'),
    model('{ features: [{ name: product.brand, default: ▸x }] }'),
  ],
  ID_INPUT: [model('{ features: [twice], id: ▸request.time }'), model('{ features: [twice], id: ▸instance.ip }')],
  AS_OF: [
    withBlocks({ settings: 'asOf: ▸request.tim' }),
    withBlocks({ settings: 'asOf: ▸instance.id' }),
    withBlocks({ settings: 'asOf: ▸time' }),
  ],
  TIMEZONE: [withBlocks({ settings: 'timezone: ▸America/NewYork' }), withBlocks({ settings: 'timezone: ▸"+05:00"' })],
  BUDGET: [
    model('{ features: [twice], deadline: 100ms, ▸budget: { features: 80ms, model: 30ms } }'),
    model('{ features: [twice], ▸budget: { features: 2s } }'),
  ],
  FALLBACK_TYPE: [model('{ features: [twice], fallback: { cel: ▸instance.id } }')],
  FILL_TABLE: [rest('dev: { fill: { product: a.csv, ▸produkt: b.csv, ▸constructor: c.csv } }')],
  PORT_TWICE: [rest('server: { http: { port: ▸8082 } }'), rest('server: { http: { port: 9 }, admin: { port: ▸9 } }')],
};

for (const [rule, texts] of Object.entries(BROKEN)) {
  for (const [index, text] of texts.entries()) {
    test(`${rule} is told at its place (${index + 1})`, () => {
      expect([...new Set(codesAtMarks(text))]).toEqual([rule]);
    });
  }
}

test('a sound file has no problem', () => {
  expect(codesAtMarks(withBlocks())).toEqual([]);
});
