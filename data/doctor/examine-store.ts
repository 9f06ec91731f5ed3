import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckedConfig } from '../../config/checked.ts';
import type { StoreConfig, ViewConfig } from '../../config/schema.ts';
import { finding } from '../../orchestrator/features/finding.ts';
import type { Store } from '../../orchestrator/features/source.ts';
import { openStoreWith } from '../../orchestrator/features/store/open-store.ts';
import { readStoreSettings, type StoreSettings } from '../../orchestrator/features/store/store-settings.ts';
import type { StoreExamination } from './examination.ts';
import { PROBE } from './examine-rows.ts';
import { examineTable, examineView, fieldsOf, type ViewBounds } from './examine-view.ts';
import { failureFinding } from './failure.ts';
import { inTime } from './in-time.ts';
import { percentilesOf } from './percentiles.ts';
import { timeGets } from './round-trips.ts';
import { emptyTable, sampleTable, type TableSample } from './sample-table.ts';

export interface StoreBounds extends ViewBounds {
  /** Absolute. */
  stateDir: string;
  random: () => number;
}

/** A key that no row has. */
const NO_KEY = 'tandem doctor';

/** Opens a store, asks it of itself, times gets and looks at the rows of each of its views. Never rejects. */
export async function examineStore(
  name: string,
  checked: CheckedConfig,
  bounds: StoreBounds,
): Promise<StoreExamination> {
  const config = checked.config.stores[name];
  const examined: StoreExamination = {
    part: 'store',
    name,
    type: config.type,
    address: addressOf(name, config),
    server: null,
    connectMs: null,
    facts: {},
    roundTrips: null,
    views: [],
    findings: [],
  };
  const views = Object.entries(checked.config.views).filter(([, { store }]) => store === name);
  let store: Store | undefined;
  try {
    const settings = readStoreSettings(name, checked, bounds.stateDir);
    if (isUnborn(settings)) {
      // To open it would make it, perhaps in a folder that nobody meant.
      examined.views = views.map(([view, { table = view }]) => examineTable(view, emptyTable(table), bounds));
      return examined;
    }
    store = await openTimed(name, settings, checked, examined, bounds);
    if (examined.connectMs === null) await failUnlessReachable(store, bounds);
    await examineOpen(store, views, examined, bounds);
  } catch (thrown) {
    examined.findings.push(failureFinding('the store', thrown, bounds.timeoutMs));
  } finally {
    // A store that does not close in time is left to the end of the process.
    const open = store;
    if (open) await inTime(bounds, () => open.close()).catch(() => undefined);
  }
  return examined;
}

async function openTimed(
  name: string,
  settings: StoreSettings,
  checked: CheckedConfig,
  examined: StoreExamination,
  bounds: StoreBounds,
): Promise<Store> {
  const { now, random } = bounds;
  // What it takes to load the client's code is not the server's time.
  if (settings.type === 'redis') await import('../../orchestrator/features/store/redis.ts');
  const startedMs = now();
  const store = await inTime(
    bounds,
    () => openStoreWith(name, settings, checked, { now, random }),
    (late) => void late.close(),
  );
  if (store.isReachable !== false) examined.connectMs = now() - startedMs;
  return store;
}

/** Only a fetch says why nobody answers; where one is answered, the server has come meanwhile. */
async function failUnlessReachable(store: Store, bounds: StoreBounds): Promise<void> {
  const asked = { count: 1, text: [NO_KEY] };
  await inTime(bounds, (options) => store.source(NO_KEY).fetch(asked, [PROBE], { asOfMs: 0, ...options }));
}

async function examineOpen(
  store: Store,
  views: readonly (readonly [string, ViewConfig])[],
  examined: StoreExamination,
  bounds: StoreBounds,
): Promise<void> {
  const step = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      examined.findings.push(failureFinding('the store', thrown, bounds.timeoutMs));
    }
  };
  await step(async () => {
    if (!store.inspect) return;
    const { server, facts, findings } = await inTime(bounds, (options) => store.inspect!(options));
    Object.assign(examined, { server, facts });
    examined.findings.push(...findings);
  });
  const samples = new Map<string, TableSample>();
  for (const [view, { table = view }] of views) {
    if (!samples.has(table)) samples.set(table, await sampleTable(store, table, bounds));
  }
  await step(() => examineGets(store, views, samples, examined, bounds));
  for (const [view, config] of views) {
    examined.views.push(await examineView(view, config, store, samples.get(config.table ?? view)!, bounds));
  }
}

/** By keys of the first table that has some. */
async function examineGets(
  store: Store,
  views: readonly (readonly [string, ViewConfig])[],
  samples: ReadonlyMap<string, TableSample>,
  examined: StoreExamination,
  bounds: StoreBounds,
): Promise<void> {
  const keysOf = ([view, { table = view }]: readonly [string, ViewConfig]) => samples.get(table)!.keys;
  const chosen = views.find((each) => keysOf(each).length > 0);
  const [view, config] = chosen ?? views[0] ?? [NO_KEY, undefined];
  const keys = chosen ? keysOf(chosen) : [NO_KEY];
  const fields = config ? fieldsOf(config) : [PROBE];
  const { timesMs, late } = await inTime(bounds, (options) =>
    timeGets(store.source(config?.table ?? view), keys, fields, options, bounds.now),
  );
  const trips = percentilesOf(timesMs);
  if (trips) examined.roundTrips = { ...trips, keys: chosen ? 'present' : 'absent' };
  if (late === 0) return;
  const message = `${late} of ${timesMs.length} gets took longer than the store's \`timeout\``;
  examined.findings.push(finding('SLOW_GETS', message, 'raise `timeout`, or bring the store nearer'));
}

/** An embedded store that nothing was written to yet. */
function isUnborn(settings: StoreSettings): boolean {
  return settings.type === 'lmdb' && !existsSync(join(settings.path, 'data.mdb'));
}

/** Where the YAML says that a store is. */
function addressOf(name: string, config: StoreConfig): string {
  switch (config.type) {
    case 'lmdb':
      return config.path ?? name;
    case 'module':
      return config.file;
    case 'redis': {
      const { url, urls, sentinel } = config;
      if (sentinel) return `${sentinel.name} of ${sentinel.urls.join(', ')}`;
      return [...(url === undefined ? [] : [url]), ...(urls ?? [])].join(', ');
    }
    case 'couchbase':
      return config.url ?? name;
  }
}
