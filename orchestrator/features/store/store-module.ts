import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config } from '../../../config/schema.ts';
import { AppError } from '../../../foundation/errors.ts';
import { RowBlock } from '../row-block.ts';
import type { FieldSpec, Store } from '../source.ts';
import { jsonRows } from './json-row.ts';
import { packedRows } from './packed-row.ts';
import type { BytesEncoding, TextEncoding } from './row-encoding.ts';

/** What a store module is opened with: all that it needs of ours, so that it imports types alone. */
export interface StoreModuleOptions {
  /** The YAML's `project`, which the keys begin with. */
  project: string;
  /** The YAML's `options`, as they stand there, secrets read. */
  options: Extract<Config['stores'][string], { type: 'module' }>['options'];
  /** The fields that views read of a table, in the YAML's order. */
  fieldsOf: (table: string) => readonly FieldSpec[];
  /** Rows as JSON texts, strictly typed as in every store: a decoder into a block, an encoder to the text. */
  rows: TextEncoding;
  /** The same as packed bytes, in place of `rows`: smaller, and faster to read. */
  packed: BytesEncoding;
  /** The empty columns of an answer: each row of it is decoded into it, or said to be missing. */
  newBlock: (fields: readonly FieldSpec[], rows: number) => RowBlock;
  /**
   * What to throw. FEATURE_UNAVAILABLE: the store cannot be reached; DEADLINE_EXCEEDED: it was late; CANCELLED; of a sink
   * INVALID_INPUT: a row, or what is asked of the sink, cannot be written. A cause goes to the log.
   */
  refuse: (
    code: 'FEATURE_UNAVAILABLE' | 'DEADLINE_EXCEEDED' | 'CANCELLED' | 'INVALID_INPUT',
    message: string,
    cause?: unknown,
  ) => Error;
  /** Monotonic, ms: the scale of `FetchOptions.deadlineMs`. */
  now: () => number;
  /** Uniform in [0, 1). */
  random: () => number;
}

/** What the file of `type: ./scylla.ts` exports as its default. */
export type OpenStore = (options: StoreModuleOptions) => Store | Promise<Store>;

/** What every store has, and one that is written by hand may lack. */
const FUNCTIONS = ['source', 'sink', 'isEmpty', 'close'] as const;

interface ModuleSettings extends Pick<StoreModuleOptions, 'project' | 'options' | 'fieldsOf' | 'now' | 'random'> {
  /** Absolute. */
  file: string;
}

/**
 * Opens a store of the user's own. Throws AppError NOT_READY with a sentence that names the file where there is no such
 * module, it exports no function, or what that gives is no store; the module's own error is the cause.
 */
export async function openStoreModule(name: string, { file, ...given }: ModuleSettings): Promise<Store> {
  const shown = basename(file);
  const refused = (problem: string, cause?: unknown): AppError =>
    new AppError('NOT_READY', `The store "${name}": ${shown} ${problem}.`, { cause });
  let open: unknown;
  try {
    ({ default: open } = (await import(pathToFileURL(file).href)) as { default?: unknown });
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw refused(isAbsent ? 'does not exist, or imports what does not' : `cannot be imported: ${said(cause)}`, cause);
  }
  if (typeof open !== 'function') {
    throw refused('has no default export that is a function; write `export default function open(options) { … }`');
  }
  let store: Partial<Store> | undefined;
  try {
    store = await (open as OpenStore)({
      ...given,
      rows: jsonRows,
      packed: packedRows(given.fieldsOf),
      newBlock: (fields, rows) => new RowBlock(fields, rows),
      refuse: (code, message, cause) => new AppError(code, message, { cause }),
    });
  } catch (cause) {
    throw refused(`could not open it: ${said(cause)}`, cause);
  }
  const lacking = FUNCTIONS.filter((each) => typeof store?.[each] !== 'function');
  if (lacking.length > 0) throw refused(`gives a store without ${lacking.join(', ')}`);
  return store as Store;
}

const said = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
