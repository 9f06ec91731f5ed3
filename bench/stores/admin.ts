import { Redis } from 'iovalkey';

/** Empties a server. */
export async function flushAll(url: string): Promise<void> {
  await asked(url, (client) => client.flushall());
}

/** Bytes that a server has allocated. */
export async function usedMemory(url: string): Promise<number> {
  const info = await asked(url, (client) => client.info('memory'));
  return Number(/used_memory:(\d+)/.exec(info)?.[1]);
}

async function asked<Reply>(url: string, ask: (client: Redis) => Promise<Reply>): Promise<Reply> {
  const client = new Redis(url);
  try {
    return await ask(client);
  } finally {
    client.disconnect();
  }
}
