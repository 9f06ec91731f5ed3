/** A name, what is replaced in the reference, and what is told of it. */
export const CASES: [string, [string, string][], string[]][] = [
  // Callers.
  [
    'a required input',
    [['weekend: bool }', 'weekend: bool, colour: string }']],
    ['callers inputs.instance.colour `instance.colour` added, string, required'],
  ],
  [
    'an optional input',
    [['weekend: bool }', "weekend: bool, colour: 'string?' }"]],
    ['- inputs.instance.colour `instance.colour` added, string, optional'],
  ],
  [
    'an input that is gone',
    [[', weekend: bool', '']],
    ['callers inputs.instance.weekend `instance.weekend` removed: a request that has it is refused'],
  ],
  [
    'an input that is gone where fields that are not declared are ignored',
    [
      [', weekend: bool', ''],
      ['extra: refuse', 'extra: ignore'],
    ],
    [
      '- inputs.instance.weekend `instance.weekend` removed: a request that has it is still answered',
      '- inputs.extra a field that is not declared is now ignored: refuse → ignore',
    ],
  ],
  [
    'an input of another type, and required',
    [["shop: 'string?'", 'shop: int64']],
    [
      'callers inputs.instance.shop `instance.shop`: string → int64',
      'callers inputs.instance.shop `instance.shop`: optional → required',
      '- views.discount.key.shop key part `shop`: string → int64',
    ],
  ],
  [
    'an override',
    [['overrides: [product.stock]', 'overrides: []']],
    ['callers overrides `product.stock` may no longer be sent'],
  ],
  ['an output', [['      risk:\n', '      chance:\n']], []],
  [
    'several outputs',
    [['        column: 1\n', '        column: 1\n      label: { from: label }\n']],
    ['callers models.sales.outputs a prediction is an object of risk, label, no longer a number'],
  ],
  [
    "the outputs' column",
    [['column: 1', 'column: 0']],
    ['- models.sales.outputs.risk output `risk`: column 1 of probabilities → column 0 of probabilities'],
  ],
  [
    'the ids',
    [['    id: instance.id\n', '']],
    ['callers models.sales.id id: instance.id → none: answers no longer have `ids`'],
  ],
  [
    'a model',
    [['  sales-by-text:', '  by-text:']],
    ['- models.by-text added', 'callers models.sales-by-text removed: its route answers 404'],
  ],
  [
    'a lower limit',
    [['instances: 1000\n', 'instances: 500\n']],
    ['callers limits.instances limits.instances: 1000 → 500'],
  ],
  ['a higher limit', [['bodyBytes: 1MiB', 'bodyBytes: 2MiB']], ['- limits.bodyBytes limits.bodyBytes: 1MiB → 2MiB']],
  [
    'an override of another type',
    [['stock: int64', 'stock: double']],
    [
      'callers overrides.0 `product.stock`: int64 → double',
      'rows views.product.fields.stock field `stock`: int64 → double',
      'model models.sales.features.2 feature `product.stock`: int64 → double',
    ],
  ],
  [
    'an override that is read once a request',
    [['key: { product: instance.product }\n    # Fields', 'key: { product: string(request.time) }\n    # Fields']],
    [
      'callers overrides.0 `product.stock`: sent in `request`, no longer in each instance',
      '- views.product.key.product key part `product`: instance.product → string(request.time)',
    ],
  ],
  // The model.
  [
    'a feature that is gone',
    [['      - hour\n', '']],
    ['model models.sales.features feature `hour` removed, column 2 till now'],
  ],
  [
    'a feature that comes',
    [['      - hour\n', '      - hour\n      - instance.weekend\n']],
    ['model models.sales.features.2 feature `instance.weekend` added as column 3'],
  ],
  [
    'features in another order',
    [['      - instance.price\n      - hour\n', '      - hour\n      - instance.price\n']],
    ['model models.sales.features.0 features in another order: `hour` 2 → 1, `instance.price` 1 → 2'],
  ],
  [
    'categories in another order',
    [['[unknown, acme, globex]', '[unknown, globex, acme]']],
    ['model models.sales.features.5 feature `brand`: codes of categories shifted: "acme" 1 → 2, "globex" 2 → 1'],
  ],
  [
    'a category at the end',
    [['[unknown, acme, globex]', '[unknown, acme, globex, initech]']],
    ['- models.sales.features.5 feature `brand`: categories added: "initech"'],
  ],
  [
    'a category in the place of another',
    [['[unknown, acme, globex]', '[unknown, acme, initech]']],
    [
      'model models.sales.features.5 feature `brand`: categories that are unknown now: "globex"',
      '- models.sales.features.5 feature `brand`: categories added: "initech"',
    ],
  ],
  [
    'null among categories',
    [['        nulls: keep', '        nulls: -1']],
    ['- models.sales.features.5 feature `brand`: null among categories: keep → -1'],
  ],
  [
    'the tensors',
    [['dtype: float64', 'dtype: float32']],
    ['model models.sales.wrapper.dtype wrapper.dtype: float64 → float32'],
  ],
  // Rows.
  [
    'the project',
    [['project: shop', 'project: mall']],
    ['rows project project: shop → mall: it begins the key of every row'],
  ],
  [
    'a table',
    [
      ['table: products', 'table: goods'],
      ['fill: { products:', 'fill: { goods:'],
    ],
    ['rows views.product.table read from online/goods, till now from online/products'],
  ],
  [
    'the parts of a key',
    [['key: { product: instance.product }', 'key: { product: instance.product, shop: instance.shop }']],
    ['rows views.product.key the key is made of other parts: product → product, shop'],
  ],
  [
    'the folder of a store',
    [['path: features', 'path: rows']],
    ['rows stores.online.path path: features → rows: rows that were written are not there'],
  ],
  // What happens.
  [
    'a default',
    [['defaults: { stock: 0', 'defaults: { stock: 1']],
    ['- views.product.defaults.stock defaults.stock: 0 → 1'],
  ],
  [
    'a default of a field that is named like a duration',
    [
      ['      stock: int64\n', '      stock: int64\n      timeout: int64\n'],
      ['defaults: { stock: 0', 'defaults: { timeout: 5, stock: 0'],
    ],
    [
      '- views.product.fields.timeout field `timeout` added, int64, null in rows that were written before',
      '- views.product.defaults.timeout defaults.timeout: none → 5',
    ],
  ],
  ['a maximum age', [['    maxAge: 30d\n', '']], ['- views.product.maxAge maxAge: 30d → none']],
  ['a cache', [['ttl: 1m', 'ttl: 90s']], ['- views.price.cache.ttl cache.ttl: 1m → 90s']],
  ['a time budget', [['deadline: 150ms', 'deadline: 200ms']], ['- models.sales.deadline deadline: 150ms → 200ms']],
  [
    'an expression',
    [['double(request.time.getHours())', 'double(request.time.getDayOfWeek())']],
    ['- onDemand.hour.cel cel: double(request.time.getHours()) → double(request.time.getDayOfWeek())'],
  ],
  ['the zone', [['timezone: America/New_York', 'timezone: UTC']], ['- timezone timezone: America/New_York → UTC']],
  ['a fallback', [["cel: '0.2'", "cel: '0.3'"]], ['- models.sales.fallback.cel fallback.cel: 0.2 → 0.3']],
  [
    'reads',
    [['      - price.amount\n', '']],
    [
      'model models.sales.features feature `price.amount` removed, column 4 till now',
      '- models.sales.features no longer reads the view `price`',
    ],
  ],
  [
    'a read that waits for another',
    [['key: { shop: instance.shop }', 'key: { shop: product.brand }']],
    [
      '- views.discount.key.shop key part `shop`: instance.shop → product.brand',
      '- models.sales.features reads that wait for each other: 1 → 2',
    ],
  ],
  // Nothing.
  [
    'a default that is written out',
    [
      ['    table: products\n', '    table: products\n    required: false\n'],
      ['    # true: a missing row and a failed read both fail. Default false.\n    required: false\n', ''],
    ],
    [],
  ],
  ['what only dev reads', [['{ products: data/products.parquet }', '{}']], []],
];
