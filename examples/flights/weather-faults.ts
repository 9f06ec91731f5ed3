import type { ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** What a service can do wrong, for tests and demonstrations. */
export const FAULTS = [
  'slow', // answers after `ms`
  'failing', // 500
  'throttling', // 429, with Retry-After: 1
  'wrong-types', // every value as text
  'missing-fields', // items without their measurements
  'shuffled', // items in another order
  'duplicates', // each item twice
  'contradicting', // each item twice, the second with other values
  'huge', // 50 MB
  'bomb', // 50 MB, packed into 50 KB
  'redirecting', // to another host
  'trickling', // a byte every 10 ms
  'cutting', // closes in mid-body
  'page', // HTML with status 200
] as const;

export interface Fault {
  fault: (typeof FAULTS)[number];
  /** How slow is slow. */
  ms: number;
  /** The share of answers that it strikes. */
  share: number;
}

/** A fault as `POST /fault` and `--fault` name it; undefined for null. Throws where there is no such fault. */
export function readFault(body: unknown): Fault | undefined {
  const { fault, ms = 5000, share = 1 } = (body ?? {}) as { fault?: unknown; ms?: unknown; share?: unknown };
  if (fault === null) return undefined;
  const name = FAULTS.find((each) => each === fault);
  if (name === undefined) throw new Error(`"fault" is null or one of ${FAULTS.join(', ')}`);
  return { fault: name, ms: Number(ms), share: Number(share) };
}

type Item = Record<string, unknown>;
type Body = Item | { items: Item[] };

/** Sends the answer, well or as the fault will have it. */
export async function sendWith(fault: Fault | undefined, response: ServerResponse, body: Body): Promise<void> {
  const kind = fault && Math.random() < fault.share ? fault.fault : undefined;
  response.setHeader('content-type', 'application/json');
  switch (kind) {
    case undefined:
      return void response.end(JSON.stringify(body));
    case 'slow':
      await after(fault!.ms);
      return void response.end(JSON.stringify(body));
    case 'failing':
      return void response.writeHead(500).end('{"error":"as asked"}');
    case 'throttling':
      return void response.writeHead(429, { 'retry-after': '1' }).end('{"error":"as asked"}');
    case 'huge':
      return void response.end(LARGE);
    case 'bomb':
      return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(BOMB);
    case 'redirecting':
      return void response.writeHead(302, { location: 'http://localhost:1/elsewhere' }).end();
    case 'trickling':
      return trickle(response, JSON.stringify(body));
    case 'cutting': {
      const text = JSON.stringify(body);
      response.writeHead(200, { 'content-length': text.length });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    }
    case 'page':
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>');
    case 'wrong-types':
    case 'missing-fields':
    case 'shuffled':
    case 'duplicates':
    case 'contradicting':
      return void response.end(
        JSON.stringify('items' in body ? { items: LIES[kind](body.items as Item[]) } : LIES[kind]([body])[0]),
      );
  }
}

// Made once: what a fault costs the service is time that it takes from whoever shares its machine.
const LARGE = Buffer.alloc(50_000_000, ' ');
const BOMB = gzipSync(LARGE);

async function trickle(response: ServerResponse, text: string): Promise<void> {
  for (const character of text) {
    if (response.destroyed) return;
    response.write(character);
    await after(10);
  }
  response.end();
}

const LIES = {
  'wrong-types': (items: Item[]) =>
    items.map((item) => ({ ...item, temp: String(item['temp']), wind_speed: { mph: item['wind_speed'] } })),
  'missing-fields': (items: Item[]) => items.map(({ origin, hour }) => ({ origin, hour })),
  shuffled: (items: Item[]) => items.toSorted(() => Math.random() - 0.5),
  duplicates: (items: Item[]) => [...items, ...items],
  contradicting: (items: Item[]) => [...items, ...items.map((item) => ({ ...item, temp: -999 }))],
};
