import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDev } from '../../e2e/start-dev.ts';
import { runExample } from '../troubles/running-example.ts';
import type { Running, Variant } from '../troubles/trouble.ts';

export const EXAMPLE = fileURLToPath(new URL('../../../examples/flights/', import.meta.url));
const [PATIENT, CACHED] = ['patient.yaml', 'cached.yaml'].map((file) => fileURLToPath(new URL(file, import.meta.url)));

/** A store of the soak's own, and how it is laid over the example. */
export interface SoakedStore extends AsyncDisposable {
  /** The YAML file that names it. */
  overlay: string;
  /** What that file reads. */
  environment: Readonly<Record<string, string>>;
}

/** The example over a store that is started anew for each: without a cache on the store's views, and with one. */
export function storeVariants<Store extends SoakedStore>(open: () => Promise<Store>): Variant<Store>[] {
  return [
    { name: 'without a cache', run: async () => runOver(await open(), [PATIENT]) },
    { name: 'with a cache', run: async () => runOver(await open(), [PATIENT, CACHED]) },
  ];
}

/** Runs the example over a store, which gets the example's rows and is ended with it. */
function runOver<Store extends SoakedStore>(store: Store, overlays: readonly string[]): Promise<Running<Store>> {
  const options = { overlays: [store.overlay, ...overlays], environment: store.environment };
  return runExample(store, (folder) => startDev(join(EXAMPLE, 'tandem.yaml'), join(folder, 'state'), options));
}
