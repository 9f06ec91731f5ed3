import { formatDuration } from '../foundation/duration.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';

/** Checks the times of each view's cache, all counted from the fetch of a row: fresh, then stale, then for errors only. */
export function checkCaches(config: Config, report: Report): void {
  for (const [name, { cache }] of Object.entries(config.views)) {
    if (!cache) continue;
    const path = ['views', name, 'cache'];
    const { ttl, staleWhileRevalidate } = cache;
    const order = (key: 'staleWhileRevalidate' | 'staleIfError', than: 'ttl' | 'staleWhileRevalidate'): void => {
      const [longer, shorter] = [cache[key], cache[than]];
      if (longer === undefined || shorter === undefined || (than === 'ttl' ? longer > shorter : longer >= shorter))
        return;
      const text = `both count from the fetch, so \`${key}\` is longer than \`${than}\`, which is ${formatDuration(shorter)}`;
      report.at([...path, key], 'CACHE_ORDER', text);
    };
    order('staleWhileRevalidate', 'ttl');
    order(
      'staleIfError',
      staleWhileRevalidate !== undefined && staleWhileRevalidate > ttl ? 'staleWhileRevalidate' : 'ttl',
    );
  }
}
