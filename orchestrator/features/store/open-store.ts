import type { CheckedConfig } from '../../../config/checked.ts';
import { fieldsOfTable } from '../../../config/tables.ts';
import { AppError } from '../../../foundation/errors.ts';
import type { FieldSpec, Store } from '../source.ts';
import { behindBreaker } from './behind-breaker.ts';
import { jsonRows } from './json-row.ts';
import { openLmdbStore } from './lmdb.ts';
import { packedRows } from './packed-row.ts';
import type { RowEncoding } from './row-encoding.ts';
import { readStoreSettings, type StoreSettings } from './store-settings.ts';

/** A module keeps its own time, of which nothing is known: a fetch that had this long and was late speaks against it. */
const MODULE_TIMEOUT_MS = 100;

export interface StoreSurroundings {
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Told where a server will not tell of rows that change, though `invalidation` asks for it. */
  onRefused?: (store: string, cause: Error) => void;
}

/**
 * Opens an entry of `stores:`. One over the network opens also while its server is down. Throws AppError where it cannot
 * be opened; the cause, for the log, says why.
 */
export function openStore(
  name: string,
  checked: CheckedConfig,
  stateDir: string,
  surroundings: StoreSurroundings,
): Promise<Store> {
  return openStoreWith(name, readStoreSettings(name, checked, stateDir), checked, surroundings);
}

/** The same, of settings that were read: what a store is opened for is decided by them alone. */
export async function openStoreWith(
  name: string,
  settings: StoreSettings,
  { config }: CheckedConfig,
  { now, random, onRefused }: StoreSurroundings,
): Promise<Store> {
  const fieldsOf = (table: string): readonly FieldSpec[] => fieldsOfTable(config, name, table);
  try {
    switch (settings.type) {
      case 'lmdb': {
        const { path, project, encoding } = settings;
        return await openLmdbStore({ path, project, encoding: rowsIn(encoding, fieldsOf) });
      }
      case 'redis': {
        const { encoding, timeout: timeoutMs, connectTimeout, maxConcurrency, expiry, ...login } = settings;
        const { openRedisStore } = await import('./redis.ts');
        return await openRedisStore({
          ...login,
          name,
          encoding: encoding === 'hash' ? 'hash' : rowsIn(encoding, fieldsOf),
          timeoutMs,
          connectTimeoutMs: connectTimeout,
          maxInFlight: maxConcurrency,
          ...(expiry === undefined ? {} : { expiryMs: expiry }),
          ...(onRefused && { onRefused: (cause) => onRefused(name, cause) }),
          now,
          random,
        });
      }
      case 'couchbase': {
        const { encoding, timeout, bootstrapTimeout, maxConcurrency, connections, replicaReads, ...rest } = settings;
        const { expiry, ...where } = rest;
        const { openCouchbaseStore } = await import('./couchbase.ts');
        return await openCouchbaseStore({
          ...where,
          name,
          encoding: rowsIn(encoding, fieldsOf),
          timeoutMs: timeout,
          bootstrapTimeoutMs: bootstrapTimeout,
          maxInFlight: maxConcurrency,
          numKvConnections: connections,
          allowReplica: replicaReads,
          ...(expiry === undefined ? {} : { expiryMs: expiry }),
          now,
          random,
        });
      }
      case 'module': {
        const { openStoreModule } = await import('./store-module.ts');
        return await openStoreModule(name, { ...settings, fieldsOf, now, random });
      }
    }
  } catch (cause) {
    // What a user can mend says so itself.
    if (cause instanceof AppError && cause.code === 'NOT_READY') throw cause;
    throw new AppError('INTERNAL', `The store "${name}" cannot be opened.`, { cause });
  }
}

/** As requests read a store: behind a breaker, where it may be out of reach. Who writes or examines wants its own errors. */
export function spareStore(name: string, store: Store, settings: StoreSettings, now: () => number): Store {
  switch (settings.type) {
    case 'lmdb':
      return store;
    case 'redis':
    case 'couchbase':
      return behindBreaker(store, { name, timeoutMs: settings.timeout, now });
    case 'module':
      return behindBreaker(store, { name, timeoutMs: MODULE_TIMEOUT_MS, now });
  }
}

function rowsIn(encoding: 'json' | 'packed', fieldsOf: (table: string) => readonly FieldSpec[]): RowEncoding {
  return encoding === 'json' ? jsonRows : packedRows(fieldsOf);
}
