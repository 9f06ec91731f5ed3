import type { Problem } from '../../config/checked.ts';
import { parseConfig } from '../../config/load.ts';

/** The problems of a text that stands for the file tandem.yaml. */
export function problemsOf(text: string, environment: Record<string, string> = {}): Problem[] {
  return parseConfig(text, 'tandem.yaml', environment).problems;
}

/** A sound file in blocks; a test replaces the block that it breaks. */
export function withBlocks(blocks: Record<string, string> = {}): string {
  const sound: Record<string, string> = {
    head: 'version: 1\nproject: shop',
    settings: 'asOf: request.time\ntimezone: UTC',
    inputs:
      'inputs:\n  request: { time: timestamp }\n  instance: { id: string, price: double, count: int64, shop: string }',
    stores: 'stores: { online: { type: lmdb } }',
    views: 'views:\n  product: { store: online, key: { id: instance.id }, fields: { stock: int64, brand: string } }',
    onDemand: 'onDemand:\n  twice: { type: double, cel: instance.price + instance.price }',
    models: 'models:\n  sales: { features: [instance.price, product.stock, twice] }',
    rest: '',
  };
  return Object.values({ ...sound, ...blocks }).join('\n');
}
