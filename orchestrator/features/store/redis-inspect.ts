import type { Redis } from 'iovalkey';
import { AppError } from '../../../foundation/errors.ts';
import { FetchScope } from '../fetch-scope.ts';
import type { InspectOptions, RowBytes, StoreInspection } from '../source.ts';
import { isRefusal } from './redis-refusals.ts';
import type { RedisServers } from './redis-servers.ts';
import { judgeRedisSettings, type RedisSettings } from './redis-settings.ts';

/** Keys of one pipeline: some 200 commands, a millisecond of the server's time. */
const KEYS_A_PIPELINE = 100;
/** What forks call their version, and what they are; the others say `redis_version`, which forks say too. */
const VERSIONS = { dragonfly_version: 'dragonfly', valkey_version: 'valkey', redis_version: 'redis' } as const;

export interface RedisInspector {
  servers: RedisServers;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
}

/** A command that went out, and its answer. */
type Ask = <Reply>(ask: (client: Redis) => Promise<Reply>) => Promise<Reply>;

/**
 * What a server says of itself by INFO and CONFIG GET. What it refuses to say, as managed services do, is unknown. Of
 * several it is the first one's facts, and how many they are; what hurts at any of them is found, each kind once.
 */
export async function inspectRedis(
  inspector: RedisInspector,
  expiryMs: number | undefined,
  options: InspectOptions,
): Promise<StoreInspection> {
  const [first, ...others] = await onEach(inspector, options, (ask) => inspectServer(ask, expiryMs));
  if (others.length === 0) return first;
  const findings = new Map([first, ...others].flatMap((each) => each.findings).map((each) => [each.code, each]));
  return { ...first, facts: { servers: 1 + others.length, ...first.facts }, findings: [...findings.values()] };
}

async function inspectServer(ask: Ask, expiryMs: number | undefined): Promise<StoreInspection> {
  const info = parseInfo((await unlessRefused(ask((client) => client.info()))) ?? '');
  const [save, readOnly, timeout, appendOnly] = await Promise.all(
    ['save', 'replica-read-only', 'timeout', 'appendonly'].map((name) => readSetting(ask, name)),
  );
  const role = info.get('role');
  const settings: RedisSettings = {
    usedMemoryBytes: numberOrNull(info.get('used_memory')),
    maxMemoryBytes: numberOrNull(info.get('maxmemory')),
    maxMemoryPolicy: info.get('maxmemory_policy') ?? null,
    save,
    isAppendOnly: isYes(appendOnly, 'yes') ?? isYes(info.get('aof_enabled'), '1'),
    isReplica: role === undefined ? null : role !== 'master',
    isReadOnly: isYes(readOnly, 'yes'),
    isLinkUp: isYes(info.get('master_link_status'), 'up'),
    idleTimeoutSeconds: numberOrNull(timeout),
  };
  return { server: serverOf(info), facts: { ...settings }, findings: judgeRedisSettings(settings, expiryMs) };
}

/** What rows take: their values by STRLEN, or HGETALL where they are hashes, and the server's memory by MEMORY USAGE. */
export async function redisRowBytes(
  inspector: RedisInspector,
  { prefix, isHash }: { prefix: string; isHash: boolean },
  keys: readonly string[],
  options: InspectOptions,
): Promise<RowBytes> {
  const sum = { rows: 0, keyBytes: 0, valueBytes: 0 };
  let memoryBytes: number | null = 0;
  // Of a cluster each key is one server's; the others refuse it.
  await onEach(inspector, options, async (ask) => {
    for (let from = 0; from < keys.length; from += KEYS_A_PIPELINE) {
      const whole = keys.slice(from, from + KEYS_A_PIPELINE).map((key) => prefix + key);
      const replies = await ask((client) => sizesOf(client, whole, isHash));
      for (const [at, key] of whole.entries()) {
        const [[valueError, value], [memoryError, memory]] = [replies[2 * at], replies[2 * at + 1]];
        const valueBytes = valueError ? 0 : valueLength(value);
        if (valueBytes === 0) continue; // gone meanwhile, or no row of ours
        sum.rows++;
        sum.keyBytes += Buffer.byteLength(key);
        sum.valueBytes += valueBytes;
        memoryBytes = memoryError || typeof memory !== 'number' || memoryBytes === null ? null : memoryBytes + memory;
      }
    }
  });
  return { ...sum, memoryBytes };
}

async function sizesOf(
  client: Redis,
  keys: readonly string[],
  isHash: boolean,
): Promise<readonly [Error | null, unknown][]> {
  const pipeline = client.pipeline();
  for (const key of keys) {
    if (isHash) pipeline.hgetallBuffer(key);
    else pipeline.strlen(key);
    pipeline.memory('USAGE', key);
  }
  return (await pipeline.exec()) ?? [];
}

/** STRLEN's number, or the bytes of the names and values of a hash; 0 where there is none. */
function valueLength(value: unknown): number {
  if (typeof value === 'number') return value;
  const fields = Object.entries(value as Record<string, Buffer>);
  return fields.reduce((sum, [name, { length }]) => sum + Buffer.byteLength(name) + length, 0);
}

/** One server after the other. */
async function onEach<Told>(
  { servers, now }: RedisInspector,
  { signal, deadlineMs }: InspectOptions,
  inspect: (ask: Ask) => Promise<Told>,
): Promise<Told[]> {
  const scope = new FetchScope({ signal, deadlineMs }, now);
  const told: Told[] = [];
  try {
    for (const server of servers.holdersOfAll()) told.push(await inspect((ask) => server.run(ask, scope)));
    return told;
  } finally {
    scope.close();
  }
}

/** Null where the server has no such setting, or tells none. */
async function readSetting(ask: Ask, name: string): Promise<string | null> {
  const reply = await unlessRefused(ask((client) => client.config('GET', name)));
  const [, value] = Array.isArray(reply) ? (reply as unknown[]) : [];
  return typeof value === 'string' ? value : null;
}

/** Undefined where the server is there and does not want to answer this (an ACL, a managed service). */
async function unlessRefused<Reply>(asked: Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    const cause: unknown = thrown instanceof AppError ? thrown.cause : undefined;
    if (isRefusal(cause)) return undefined;
    throw thrown;
  }
}

/** The `name:value` lines of INFO. */
function parseInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.matchAll(/^(\w+):(.*?)\r?$/gm);
  return new Map(Array.from(lines, ([, name, value]) => [name, value]));
}

function serverOf(info: ReadonlyMap<string, string>): StoreInspection['server'] {
  for (const [field, name] of Object.entries(VERSIONS)) {
    const version = info.get(field);
    if (version !== undefined) return { name, version };
  }
  return { name: 'redis', version: null };
}

function numberOrNull(text: string | null | undefined): number | null {
  const number = Number.parseInt(text ?? '', 10);
  return Number.isNaN(number) ? null : number;
}

function isYes(text: string | null | undefined, yes: string): boolean | null {
  return text === null || text === undefined ? null : text === yes;
}
