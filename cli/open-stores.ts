import type { CheckedConfig } from '../config/checked.ts';
import { AppError } from '../foundation/errors.ts';
import { didYouMean } from '../foundation/nearest.ts';
import type { Store } from '../orchestrator/features/source.ts';

/** Stores of a YAML, open, by their names. */
export interface OpenStores extends AsyncDisposable {
  stores: ReadonlyMap<string, Store>;
}

/**
 * Opens stores by their names, or those of them that are to be opened. Throws INVALID_INPUT for a name that the YAML does
 * not know, leaving none open.
 */
export async function openStores(
  checked: CheckedConfig,
  names: readonly string[],
  stateDir: string,
  { isOpened = () => true }: { isOpened?: (name: string) => boolean } = {},
): Promise<OpenStores> {
  const { config } = checked;
  for (const name of names) {
    if (Object.hasOwn(config.stores, name)) continue;
    throw new AppError('INVALID_INPUT', `There is no store "${name}"${didYouMean(name, Object.keys(config.stores))}.`);
  }
  // Loaded here, not above: `tandem check` and `--help` open no store.
  const { openStore } = await import('../orchestrator/features/store/open-store.ts');
  const stores = new Map<string, Store>();
  const close = async (): Promise<void> => {
    await Promise.all(Array.from(stores.values(), (store) => store.close()));
  };
  try {
    for (const name of names.filter(isOpened)) {
      stores.set(name, await openStore(name, checked, stateDir, { now: () => performance.now(), random: Math.random }));
    }
  } catch (cause) {
    await close();
    throw cause;
  }
  return { stores, [Symbol.asyncDispose]: close };
}
