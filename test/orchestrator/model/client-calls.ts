import { expect } from 'vitest';
import type { InferCall, ModelClient, Tensor } from '../../../orchestrator/model/client.ts';
import { openModelClient, type ModelClientOptions } from '../../../orchestrator/model/open-client.ts';
import type { Peer } from './peer.ts';

export const matrix = (...firsts: number[]): Tensor[] => [
  {
    name: 'features',
    datatype: 'FP64',
    shape: [firsts.length, 2],
    data: Float64Array.from(firsts.flatMap((first) => [first, 0])),
  },
];
export const zeros = (rows: number): Tensor[] => [
  { name: 'features', datatype: 'FP64', shape: [rows, 2], data: new Float64Array(rows * 2) },
];
export const within = (ms: number, rows = 1): InferCall => ({ rows, deadlineMs: performance.now() + ms });
export const code = (name: string) => expect.objectContaining({ code: name });

export async function connect(peer: Peer, options: Partial<ModelClientOptions> = {}) {
  const client = openModelClient({ address: peer.address, model: 'm', features: [], ...options });
  await becomes(client, true);
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

export async function becomes(client: ModelClient, ready: boolean): Promise<void> {
  if (client.ready === ready) return;
  await new Promise<void>((resolve) => client.onReadyChange((now) => now === ready && resolve()));
}
