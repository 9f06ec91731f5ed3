/**
 * A configuration of so many views of two fields that models read, and for each view five features of one model: two
 * fields and three on-demand features in CEL. Written as a person would, in lines of their own.
 */
export function generateConfig(views: number): string {
  const lines = [
    'version: 1',
    'project: bench',
    'asOf: request.time',
    'timezone: UTC',
    'inputs:',
    '  request: { time: timestamp }',
    '  instance: { id: string, price: double, shop: string }',
    'stores:',
    '  online: { type: lmdb }',
    'views:',
  ];
  const each = (write: (index: number) => string[]): void => {
    for (let index = 0; index < views; index++) lines.push(...write(index));
  };
  each((index) => [
    `  view${index}:`,
    '    store: online',
    '    key: { id: instance.id, shop: instance.shop }',
    '    fields: { stock: int64, share: double, brand: string }',
    '    defaults: { stock: 0, brand: none }',
    '    maxAge: 10d',
    '    cache: { ttl: 10m, staleIfError: 1h }',
  ]);
  lines.push('onDemand:');
  each((index) => [
    `  worth${index}: { type: double, cel: 'view${index}.share * instance.price + double(view${index}.stock)' }`,
    `  acme${index}: { type: bool, cel: "view${index}.brand == 'acme' && instance.price > 1.0" }`,
    `  hour${index}: { type: int64, cel: 'request.time.getHours() + view${index}.stock' }`,
  ]);
  lines.push('limits: { instances: 10 }', 'models:', '  sales:', '    features:');
  each((index) =>
    [`view${index}.stock`, `view${index}.share`, `worth${index}`, `acme${index}`, `hour${index}`].map(
      (name) => `      - ${name}`,
    ),
  );
  return `${lines.join('\n')}\n`;
}
