import type { CancelSignal } from '../../foundation/cancel-signal.ts';
import { asAppError, type ErrorCode } from '../../foundation/errors.ts';
import type { Deployment, Pin } from '../../orchestrator/deployment.ts';
import type { SinkOptions, Store } from '../../orchestrator/features/source.ts';
import { findTarget } from '../ingest/target.ts';
import { checkRows } from './check-rows.ts';
import { readPushBody } from './push-body.ts';
import { writeInTime } from './write-in-time.ts';

export interface PushSurroundings {
  /** The deployment that runs, held until the rows are in place. */
  pin(): Pin;
  /** The one that runs then. */
  current(): Deployment;
  /** Told of each push by the name that it gave, empty where that is none of the YAML's. */
  onPushed(view: string, written: number): void;
  onRefused(view: string, code: ErrorCode): void;
}

interface PushAnswer {
  /** Rows that were put in place: fewer than were sent where newer ones were there. */
  written: number;
  /** Columns of a frame that the table has not; absent where there are none. */
  ignored?: string[];
}

/** Writes the rows of a request's body, all or none of them. Rejects with AppError. */
export type Push = (text: string, options: SinkOptions, caller: CancelSignal) => Promise<PushAnswer>;

/** How long a store may take for one push. */
const PUSH_MS = 10_000;

/**
 * Writes rows into the stores of the deployment that runs. Where a row is bad nothing is written. What was written is
 * seen by the next request of this process: the caches of all views of the table forget those keys.
 */
export function openPush(surroundings: PushSurroundings): Push {
  return async (text, options, caller) => {
    const { deployment, release } = surroundings.pin();
    let named = '';
    try {
      const { name, rows: pushed } = readPushBody(text);
      const target = findTarget(deployment.checked, name);
      named = name;
      const { rows, ignored } = checkRows(pushed, target);
      const store = deployment.stores.get(target.store)!;
      const sink = store.sink(target.table, options);
      const keys = rows.map(({ key }) => key);
      const forget = (): void => {
        const deployments = new Set([deployment, surroundings.current()]);
        for (const each of deployments) expireRows(each, store, target.table, keys);
      };
      // Also what was refused half-way, or is late, may have put rows in place.
      const write = (signal: AbortSignal): Promise<number> => sink.write(rows, { signal }).finally(forget);
      const written = await writeInTime(write, caller, PUSH_MS);
      surroundings.onPushed(named, written);
      return ignored.length === 0 ? { written } : { written, ignored };
    } catch (thrown) {
      surroundings.onRefused(named, asAppError(thrown).code);
      throw thrown;
    } finally {
      release();
    }
  };
}

/** Every view of the table has the rows fetched anew, by whatever name its store has there. */
function expireRows(
  { checked, stores, caches }: Deployment,
  store: Store,
  table: string,
  keys: readonly string[],
): void {
  for (const [view, config] of Object.entries(checked.config.views)) {
    if (config.store === undefined || (config.table ?? view) !== table || stores.get(config.store) !== store) continue;
    caches.get(view)?.expire(keys);
  }
}
