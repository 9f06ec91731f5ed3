import { resolve } from 'node:path';
import type { Config } from '../../../config/schema.ts';
import { AppError } from '../../../foundation/errors.ts';
import type { Store } from '../source.ts';
import { openLmdbStore } from './lmdb.ts';

export type StoreConfig = Config['stores'][string];

export interface StoreContext {
  project: string;
  /** Absolute path of `server.stateDir`; what a store keeps on disk lies inside. */
  stateDir: string;
}

/** Opens an entry of `stores:`. Throws AppError where it cannot be opened; the cause, for the log, says why. */
export async function openStore(name: string, config: StoreConfig, context: StoreContext): Promise<Store> {
  try {
    switch (config.type) {
      case 'lmdb':
        return await openLmdbStore({
          path: resolve(context.stateDir, config.path ?? name),
          project: context.project,
        });
    }
  } catch (cause) {
    throw new AppError('INTERNAL', `The store "${name}" cannot be opened.`, { cause });
  }
}
