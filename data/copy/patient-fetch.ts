import { AppError } from '../../foundation/errors.ts';
import type { FeatureSource, FieldSpec } from '../../orchestrator/features/source.ts';
import { Source, sourceOf, type Columns } from '../../orchestrator/plan/column.ts';

export interface PatientFetchOptions {
  source: FeatureSource;
  /** The store's name, for messages. */
  store: string;
  fields: readonly FieldSpec[];
  clock: { epochMs(): number; monotonicMs(): number };
  signal: AbortSignal;
}

export interface FetchedBlock {
  keys: readonly string[];
  block: Columns;
}

/** One try; a store's own timeout may be shorter. */
const TRY_MS = 60_000;
/** So often keys that were not read in time are parted and read again: 1000 of them end up some 30 a fetch. */
const PARTINGS = 5;

/**
 * The rows of keys, all of them known: a fetch made for requests gives up after its store's timeout, here its keys are
 * parted and fetched again. Throws DEADLINE_EXCEEDED where the store is too slow even then, and what it fails of.
 */
export async function* patientFetch(
  options: PatientFetchOptions,
  keys: readonly string[],
  partings = PARTINGS,
): AsyncGenerator<FetchedBlock> {
  const block = await fetchOnce(options, keys);
  if (block) {
    yield { keys, block };
    return;
  }
  if (partings === 0) {
    const mend = `raise stores.${options.store}.timeout`;
    throw new AppError('DEADLINE_EXCEEDED', `The store "${options.store}" does not answer in time; ${mend}.`);
  }
  const middle = Math.ceil(keys.length / 2);
  yield* patientFetch(options, keys.slice(0, middle), partings - 1);
  if (middle < keys.length) yield* patientFetch(options, keys.slice(middle), partings - 1);
}

/** Undefined where rows were not to be learned. */
async function fetchOnce(
  { source, fields, clock, signal }: PatientFetchOptions,
  text: readonly string[],
): Promise<Columns | undefined> {
  try {
    const deadlineMs = clock.monotonicMs() + TRY_MS;
    const block = await source.fetch({ count: text.length, text }, fields, {
      asOfMs: clock.epochMs(),
      deadlineMs,
      signal,
    });
    const isUnknown = block.states.some((states) => states.some((state) => sourceOf(state) === Source.none));
    return isUnknown ? undefined : block;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'DEADLINE_EXCEEDED') return undefined;
    throw cause;
  }
}
