import type { CheckedConfig } from '../../config/checked.ts';
import type { DurationSeries } from '../../foundation/telemetry/duration-histogram.ts';
import { openViewCache, type ViewCache } from '../features/cache/view-cache.ts';
import { coalesce } from '../features/coalesce.ts';
import { openService, type Service } from '../features/service/open-service.ts';
import type { FeatureSource, Store } from '../features/source.ts';
import { openStoreWith, spareStore } from '../features/store/open-store.ts';
import { readStoreSettings } from '../features/store/store-settings.ts';
import { RowCounts, watchRows } from '../features/watched-rows.ts';
import type { Plan, ViewPlan } from '../plan/plan.ts';
import { aboutKey } from './about-key.ts';
import type { Leases } from './leases.ts';

/** Where the views of a deployment read, each source under the wrappers that its YAML asks for. */
export interface OpenSources {
  stores: ReadonlyMap<string, Store>;
  services: ReadonlyMap<string, Service>;
  /** By view. */
  caches: ReadonlyMap<string, ViewCache>;
  /** By view. */
  rowCounts: ReadonlyMap<string, RowCounts>;
  /** By view. */
  sources: ReadonlyMap<string, FeatureSource>;
}

export interface SourceOptions {
  leases: Leases;
  /** Absolute. */
  stateDir: string;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** Put round every view's source, outside of its cache. */
  wrapSource: (source: FeatureSource, view: string) => FeatureSource;
  serviceDurations: (service: string) => DurationSeries;
  /** Told once of a view of whose first thousand keys none had a row. */
  onNothingFound: (view: ViewPlan) => void;
  /** Told where a store's server will not tell of rows that change. */
  onRefused: (store: string, cause: Error) => void;
}

/** Opens the stores, services and caches of a configuration, or finds them open: what depends on what is not touched. */
export async function openSources(checked: CheckedConfig, plan: Plan, options: SourceOptions): Promise<OpenSources> {
  const { now } = options;
  const stores = new Map<string, Store>();
  for (const name of Object.keys(checked.config.stores)) stores.set(name, await leaseStore(name, checked, options));
  const services = new Map<string, Service>();
  for (const name of Object.keys(checked.config.services)) {
    services.set(name, await leaseService(name, checked, options));
  }
  const caches = new Map<string, ViewCache>();
  const rowCounts = new Map<string, RowCounts>();
  const sources = new Map<string, FeatureSource>();
  for (const view of plan.views.values()) {
    const bare = bareSource(view, { stores, services }, checked, now);
    const { keysPerFetch } = bare;
    const counts = await options.leases.take('rowCounts', { view: view.name }, () => new RowCounts());
    const onNothingFound = (): void => options.onNothingFound(view);
    const source = watchRows(bare.source, { counts, epochMs: Date.now, onNothingFound });
    rowCounts.set(view.name, counts);
    if (view.cache) {
      const cache = await leaseCache(view, checked, options);
      caches.set(view.name, cache);
      watchStore(view, cache, stores, options.leases);
      sources.set(view.name, options.wrapSource(cache.over(source, keysPerFetch), view.name));
    } else sources.set(view.name, options.wrapSource(source, view.name));
  }
  return { stores, services, caches, rowCounts, sources };
}

/** A store is shared by where it is, not by its name: one that is only called otherwise stays open. */
async function leaseStore(
  name: string,
  checked: CheckedConfig,
  { leases, stateDir, now, onRefused }: SourceOptions,
): Promise<Store> {
  try {
    const settings = readStoreSettings(name, checked, stateDir);
    return await leases.take('store', settings, async () => {
      const store = await openStoreWith(name, settings, checked, { now, random: Math.random, onRefused });
      return spareStore(name, store, settings, now);
    });
  } catch (thrown) {
    throw aboutKey(`stores.${name}`, thrown);
  }
}

/** Secrets are read here: one that was rotated makes another connection, at the next reload. */
async function leaseService(name: string, checked: CheckedConfig, options: SourceOptions): Promise<Service> {
  const config = checked.config.services[name];
  try {
    const headers = Object.fromEntries(
      Object.entries(config.headers).map(([header, secret]) => [header, checked.readSecret(secret)]),
    );
    const durations = options.serviceDurations(name);
    const surroundings = { headers, now: options.now, epochMs: Date.now, random: Math.random, durations };
    return await options.leases.take('service', { name, ...config, headers }, () =>
      openService(name, config, surroundings),
    );
  } catch (thrown) {
    throw aboutKey(`services.${name}`, thrown);
  }
}

/** A cache holds what its view reads by its key from where it reads: policies and defaults may change over it. */
function leaseCache(view: ViewPlan, checked: CheckedConfig, options: SourceOptions): Promise<ViewCache> {
  const { name, origin } = view;
  const { stores, services, views, project } = checked.config;
  const { key, fields, timestamp, cache } = views[name];
  const { warm: _, ...rows } = cache!; // which rows are kept warm is said over again with every deployment
  const config = origin.kind === 'store' ? stores[origin.store] : services[origin.service];
  const identity = { name, project, origin, config, key, fields, timestamp, cache: rows, stateDir: options.stateDir };
  return options.leases.take('cache', identity, () =>
    openViewCache(view, view.cache!, { now: options.now, random: Math.random }),
  );
}

/** A store that tells of changes has its rows read anew when they have changed, however long their `ttl` is. */
function watchStore({ origin }: ViewPlan, cache: ViewCache, stores: OpenSources['stores'], leases: Leases): void {
  if (origin.kind !== 'store') return;
  const leave = stores.get(origin.store)?.watch?.(origin.table, {
    onChanged: (keys) => cache.expire(keys),
    onLost: () => cache.expire(),
  });
  if (leave) leases.beforeRelease(leave);
}

/** A view's rows as its store or service gives them; calls over the network are merged where requests ask at once. */
function bareSource(
  { name, origin, key, fields }: ViewPlan,
  { stores, services }: Pick<OpenSources, 'stores' | 'services'>,
  checked: CheckedConfig,
  now: () => number,
): { source: FeatureSource; keysPerFetch: number } {
  if (origin.kind === 'store') {
    return { source: stores.get(origin.store)!.source(origin.table), keysPerFetch: Infinity };
  }
  const { service, get, batch } = origin;
  const { timestamp, fields: declared } = checked.config.views[name];
  const at = Object.fromEntries(
    fields.flatMap(({ field }) => (declared[field]?.at === undefined ? [] : [[field, declared[field].at]])),
  );
  const source = services.get(service)!.source({ key, get, batch, timestamp, at });
  const maxKeys = batch?.size ?? 1;
  const maxInFlight = checked.config.services[service].maxConcurrency;
  return { source: coalesce(source, { maxKeys, maxInFlight, now }), keysPerFetch: batch ? Infinity : 1 };
}
