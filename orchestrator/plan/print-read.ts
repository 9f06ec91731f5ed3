import { formatBytes, formatDuration, formatSize } from '../../foundation/duration.ts';
import type { CacheDescription } from './cache-bytes.ts';
import type { ReadDescription } from './describe.ts';
import type { RoundDescription } from './read-rounds.ts';
import type { Cell } from './text-table.ts';

/** `one round to online: 1 key a request + 5 an object`; a service's also says how many keys a call takes. */
export function roundTitle({
  kind,
  from,
  views,
  keysPerRequest,
  keysPerObject,
  keysPerCall,
}: RoundDescription): string {
  const keys = keysText(keysPerRequest, keysPerObject, 'key');
  const merged = views.length > 1 ? `, ${views.length} views merged` : '';
  const calls = keysPerCall === null ? '' : `, ${keysPerCall === 1 ? 'a call each' : `${keysPerCall} keys a call`}`;
  return `one round to ${kind} ${from}: ${keys}${merged}${calls}`;
}

/** `1 read a request + 5 an object`, without the side that is 0. */
export function keysText(perRequest: number, perObject: number, what: string): string {
  const sides = [
    ...(perRequest > 0 ? [{ count: perRequest, per: 'a request' }] : []),
    ...(perObject > 0 ? [{ count: perObject, per: 'an object' }] : []),
  ];
  if (sides.length === 0) return `no ${what}`;
  return sides
    .map(({ count, per }, at) => (at === 0 ? `${count} ${what}${count === 1 ? '' : 's'} ${per}` : `${count} ${per}`))
    .join(' + ');
}

/** One read as rows of a table: what it is and by which key, then what it gives and what happens where it does not. */
export function readRows(read: ReadDescription): Cell[][] {
  const key = Object.entries(read.key).map(([part, text]) => (part === text ? part : `${part}: ${text}`));
  const fields = Object.entries(read.fields).map(([name, type]) => {
    const fallback = read.defaults[name];
    return `${name} ${type}${fallback === undefined ? '' : ` else ${JSON.stringify(fallback)}`}`;
  });
  return [
    [{ text: read.view, style: 'bold' }, `per ${read.per}`, { text: 'from', style: 'dim' }, read.origin],
    detail('key', key.join(', ')),
    detail('fields', fields.join(', ')),
    detail('policy', policyText(read)),
    ...(read.service ? [detail('limits', serviceText(read.service))] : []),
    ...(read.cache ? [detail('cache', cacheText(read.cache))] : []),
  ];
}

const detail = (label: string, text: string): Cell[] => ['', '', { text: label, style: 'dim' }, text];

function policyText(read: ReadDescription): string {
  return [
    `missing: ${read.onMissing}`,
    `error: ${read.onError}`,
    `nulls: ${read.nulls}`,
    ...(read.maxAgeMs === null ? [] : [`maxAge: ${formatDuration(read.maxAgeMs)}`]),
  ].join(', ');
}

function serviceText({ timeoutMs, retries, maxConcurrency }: NonNullable<ReadDescription['service']>): string {
  return `timeout: ${formatDuration(timeoutMs)}, retries: ${retries}, maxConcurrency: ${maxConcurrency}`;
}

function cacheText(cache: CacheDescription): string {
  const times = Object.entries({
    ttl: cache.ttlMs,
    staleWhileRevalidate: cache.staleWhileRevalidateMs,
    staleIfError: cache.staleIfErrorMs,
    negativeTtl: cache.negativeTtlMs,
  }).flatMap(([name, ms]) => (ms === null ? [] : [`${name}: ${formatDuration(ms)}`]));
  const maxBytes = cache.maxBytes === null ? [] : [`maxBytes: ${formatSize(cache.maxBytes)}`];
  const rows = `maxEntries: ${cache.maxEntries} of about ${cache.rowBytes}B`;
  return [...times, rows, ...maxBytes, `at most ${formatBytes(cache.bytes)}`].join(', ');
}
