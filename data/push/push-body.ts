import { isJsonObject } from '../../foundation/json-object.ts';
import { nearestName } from '../../foundation/nearest.ts';
import { TIMESTAMP_FIELD } from '../../orchestrator/features/store/json-row.ts';
import { invalid, parseJsonBody } from '../../orchestrator/predict/call-body.ts';

/** Rows as they were sent: one object a row in our shape, a frame in Feast's. */
export type PushedRows = { objects: readonly unknown[] } | Frame;

/** Columns of `count` cells each; one that is no list stands for each row, as pandas has it. */
interface Frame {
  count: number;
  columns: ReadonlyMap<string, unknown>;
}

export interface PushBody {
  /** The view, or the table, that the rows are for. */
  name: string;
  rows: PushedRows;
}

const OUR_KEYS = ['view', 'rows'];
/** `allow_registry_cache` and `transform_on_write` are for Feast's registry, of which there is none here. */
const FEAST_KEYS = ['push_source_name', 'df', 'to', 'allow_registry_cache', 'transform_on_write'];
/** What Feast's examples call the time of a row. */
export const FEAST_TIME = 'event_timestamp';
/** A time as Python writes a datetime without a zone; Feast takes it for UTC. */
const WITHOUT_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?$/;

/**
 * `{"view","rows":[{…}]}`, or the body of Feast's push server: `{"push_source_name","df":{"column":[…]},"to":"online"}`.
 * Throws INVALID_INPUT where it is neither.
 */
export function readPushBody(text: string): PushBody {
  const body = parseJsonBody(text);
  return 'push_source_name' in body || 'df' in body ? readFeastBody(body) : readOurBody(body);
}

function readOurBody(body: Readonly<Record<string, unknown>>): PushBody {
  refuseUnknown(body, OUR_KEYS);
  const { view, rows } = body;
  if (typeof view !== 'string') throw invalid('view', 'is required: the name of a view or of a table');
  if (!Array.isArray(rows)) throw invalid('rows', 'is required: a list of objects');
  return { name: view, rows: { objects: rows } };
}

function readFeastBody(body: Readonly<Record<string, unknown>>): PushBody {
  refuseUnknown(body, FEAST_KEYS);
  const { push_source_name: name, df, to = 'online' } = body;
  if (typeof name !== 'string') throw invalid('push_source_name', 'is required: the name of a view or of a table');
  if (to !== 'online') throw invalid('to', 'must be "online": there is no offline store here');
  if (!isJsonObject(df)) throw invalid('df', 'is required: an object of lists, one a column');
  return { name, rows: readFrame(df) };
}

function readFrame(df: Readonly<Record<string, unknown>>): Frame {
  const columns = new Map(Object.entries(df));
  let first: { name: string; count: number } | undefined;
  for (const [name, cells] of columns) {
    if (isJsonObject(cells)) throw invalid(`df.${name}`, 'must be a list with one value a row');
    if (!Array.isArray(cells)) continue;
    first ??= { name, count: cells.length };
    if (cells.length !== first.count) {
      throw invalid(`df.${name}`, `has ${cells.length} values, and ${first.name} has ${first.count}`);
    }
  }
  if (first === undefined) throw invalid('df', 'must hold a list with one value a row for each column');
  const { count } = first;
  if (!columns.has(FEAST_TIME)) return { count, columns };
  if (columns.has(TIMESTAMP_FIELD)) throw invalid('df', `has ${FEAST_TIME} and ${TIMESTAMP_FIELD}, which are the same`);
  const times = columns.get(FEAST_TIME);
  return { count, columns: columns.set(TIMESTAMP_FIELD, Array.isArray(times) ? times.map(inUtc) : inUtc(times)) };
}

function inUtc(time: unknown): unknown {
  return typeof time === 'string' && WITHOUT_ZONE.test(time) ? `${time}Z` : time;
}

function refuseUnknown(body: object, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (known.includes(key)) continue;
    const near = nearestName(key, known);
    throw invalid(key, `is not a key of a push${near === undefined ? '' : `, did you mean "${near}"?`}`);
  }
}
