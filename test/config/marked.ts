import type { Problem } from '../../config/checked.ts';
import { parseConfig } from '../../config/load.ts';

const MARK = '▸';

/**
 * The problems of a text in which `▸` stands before each place where one is expected: as `CODE` where every problem is
 * at its mark, else as `CODE@line:col`, so that a test's difference names what moved.
 */
export function codesAtMarks(marked: string, environment: Record<string, string> = {}): string[] {
  const { text, marks } = takeMarks(marked);
  const { problems } = parseConfig(text, 'tandem.yaml', environment);
  const places = problems.map(({ line, column }) => `${line}:${column}`);
  const hits = marks.length === places.length && marks.every((mark, index) => mark === places[index]);
  return hits ? problems.map(({ code }) => code) : problems.map((problem, index) => `${problem.code}@${places[index]}`);
}

/** The problems of a text, marks taken out. */
export function problemsOf(marked: string, environment: Record<string, string> = {}): Problem[] {
  return parseConfig(takeMarks(marked).text, 'tandem.yaml', environment).problems;
}

function takeMarks(marked: string): { text: string; marks: string[] } {
  const marks: string[] = [];
  const lines = marked.split('\n').map((line, index) => {
    let clean = line;
    for (let at = clean.indexOf(MARK); at >= 0; at = clean.indexOf(MARK)) {
      marks.push(`${index + 1}:${at + 1}`);
      clean = clean.slice(0, at) + clean.slice(at + 1);
    }
    return clean;
  });
  return { text: lines.join('\n'), marks };
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
