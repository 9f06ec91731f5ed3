import { normalize } from 'node:path';
import type { Report } from './report.ts';
import type { Config, StoreConfig } from './schema.ts';

/** Checks where the stores are: two folders for two, and addresses that can be connected to. */
export function checkStores(config: Config, report: Report): void {
  const first = new Map<string, string>();
  for (const [name, store] of Object.entries(config.stores)) {
    switch (store.type) {
      case 'lmdb': {
        // A store is opened once: two that share a folder would be one store under two names.
        const folder = normalize(store.path ?? name);
        const other = first.get(folder);
        const text = `the store \`${other}\` has the folder \`${folder}\` already`;
        if (other === undefined) first.set(folder, name);
        else report.at(['stores', name, 'path'], 'STORE_PATH', text);
        break;
      }
      case 'redis':
        checkRedis(name, store, report);
        break;
      case 'couchbase':
        checkNeeded(name, store, report);
        if (store.url === undefined) break;
        checkUrl(name, ['url'], store.url, couchbaseUrlProblem(store.url), report);
        checkTls(name, store.tls, store.url, 'couchbases', report);
        break;
      case 'module':
        break;
    }
  }
}

/** One server, some of a cluster, or those who know which server is the master. */
function checkRedis(name: string, store: Extract<StoreConfig, { type: 'redis' }>, report: Report): void {
  const { url, urls, cluster, sentinel, readFrom, tls, database } = store;
  const path = ['stores', name];
  const said = [url, urls, sentinel].filter((each) => each !== undefined).length;
  const isBroken = ['url', 'urls', 'sentinel'].some((key) => report.broken.touches([...path, key]));
  if (said !== 1 && !isBroken) {
    const text = `\`${name}\` needs one of \`url\`, \`urls\` with \`cluster: true\`, and \`sentinel\``;
    report.atKey(path, 'STORE_SERVERS', text);
  }
  if (url !== undefined) checkUrl(name, ['url'], url, redisUrlProblem(url), report);
  for (const [key, list] of [
    ['urls', urls],
    ['sentinel', sentinel?.urls],
  ] as const) {
    for (const [at, each] of (list ?? []).entries()) {
      const where = key === 'urls' ? [key, at] : [key, 'urls', at];
      checkUrl(name, where, each, redisUrlProblem(each), report);
    }
  }
  const refuse = (key: string, text: string): void =>
    report.atKey([...path, key], 'STORE_SERVERS', `\`${name}\` ${text}`);
  if (urls !== undefined && !cluster) refuse('urls', 'has several servers: write `cluster: true`, or one `url`');
  if (cluster && sentinel !== undefined)
    refuse('cluster', 'is a cluster, which names its own masters: take `sentinel` out');
  if (cluster && database !== undefined && database !== 0)
    refuse('database', 'is a cluster, which has database 0 alone');
  if (readFrom === 'replica' && !cluster && sentinel === undefined)
    refuse('readFrom', 'is one server, which has no replicas to read from');
  if (sentinel === undefined) checkTls(name, tls, url ?? urls?.[0], 'rediss', report);
}

/** What TLS is to trust and show is of use with the scheme that speaks it. */
function checkTls(
  name: string,
  tls: object | undefined,
  url: string | undefined,
  scheme: string,
  report: Report,
): void {
  if (tls === undefined || url === undefined || url.startsWith(`${scheme}:`)) return;
  const mend = `write \`${scheme}://\` in its \`url\`, or take \`tls\` out`;
  report.atKey(['stores', name, 'tls'], 'STORE_URL', `\`${name}\` does not speak TLS: ${mend}`);
}

/** The URL itself is not told where the environment gave it: it may hold a password. */
function checkUrl(
  name: string,
  where: readonly (string | number)[],
  url: string,
  problem: string | undefined,
  report: Report,
): void {
  if (problem === undefined) return;
  const path = ['stores', name, ...where];
  const shown = report.places.isSubstituted(path) ? 'the url' : `\`${withoutPassword(url)}\``;
  report.at(path, 'STORE_URL', `${shown} of the store \`${name}\` ${problem}`);
}

function redisUrlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  const forms = '`redis://host:6379`, `rediss://host:6379` or `unix:/path/of.sock`';
  if (url === null || !['redis:', 'rediss:', 'unix:'].includes(url.protocol)) return `is none of ${forms}`;
  if (url.username !== '' || url.password !== '') {
    return 'says who we are: write `username` and `password`, which may be `secret:env:NAME`';
  }
  if (url.search !== '' || url.hash !== '') return 'has options: write them as keys of the store';
  if (url.protocol === 'unix:') return url.pathname.startsWith('/') ? undefined : 'names no absolute path';
  if (url.hostname === '') return 'names no host';
  return /^\/?\d{0,6}$/.test(url.pathname) ? undefined : 'ends with a database that is no number';
}

/** Nobody gets into a cluster of Couchbase without saying where it is and who they are. */
function checkNeeded(name: string, store: Extract<StoreConfig, { type: 'couchbase' }>, report: Report): void {
  for (const key of ['url', 'username', 'password'] as const) {
    const path = ['stores', name, key];
    if (store[key] !== undefined || report.broken.covers(path)) continue;
    report.atKey(['stores', name], 'MISSING_KEY', `\`stores.${name}\` has no \`${key}\`, which Couchbase requires`);
  }
}

/** Several hosts by commas are no URL of the web's; what may follow them is the client's. */
function couchbaseUrlProblem(text: string): string | undefined {
  if (text.includes('@')) return 'says who we are: write `username` and `password`, which may be `secret:env:NAME`';
  const [, hosts] =
    /^couchbases?:\/\/((?:[\w.:-]+|\[[\da-f:]+\](?::\d+)?)(?:,(?:[\w.:-]+|\[[\da-f:]+\](?::\d+)?))*)(?:\?[^#\]}]*)?$/i.exec(
      text,
    ) ?? [];
  return hosts === undefined ? 'is none of `couchbase://host` or `couchbases://host,host`' : undefined;
}

const withoutPassword = (url: string): string => url.replace(/\/\/[^/@]*@/, '//…@');
