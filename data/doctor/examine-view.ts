import type { ViewConfig } from '../../config/schema.ts';
import { finding } from '../../orchestrator/features/finding.ts';
import type { FieldSpec, RowBytes, Store } from '../../orchestrator/features/source.ts';
import type { BytesExamination, ViewExamination } from './examination.ts';
import { examineRows } from './examine-rows.ts';
import { failureFinding } from './failure.ts';
import { inTime, type Bounds } from './in-time.ts';
import { judgeRows } from './judge-rows.ts';
import type { TableSample } from './sample-table.ts';

export interface ViewBounds extends Bounds {
  /** The time of day: what ages are against. */
  epochMs: () => number;
  /** The command that fills the table of a view. */
  fillCommand: (view: string) => string;
}

export const fieldsOf = ({ fields }: ViewConfig): FieldSpec[] =>
  Object.entries(fields).map(([name, { type }]) => ({ name, type }));

/** What is known of a view before any row of it is read. */
export function examineTable(view: string, sample: TableSample, { fillCommand }: ViewBounds): ViewExamination {
  const { table, counted, bytes, isEmpty } = sample;
  const findings = [...sample.findings];
  if (isEmpty) findings.push(finding('EMPTY_TABLE', `the table "${table}" has no row`, fillCommand(view)));
  return { view, table, counted, rows: null, bytes: bytes && perRow(bytes), findings };
}

/** What the rows of a view's table are like, by those of the table's sample. Never rejects: what failed is a finding. */
export async function examineView(
  view: string,
  config: ViewConfig,
  store: Store,
  sample: TableSample,
  bounds: ViewBounds,
): Promise<ViewExamination> {
  const examined = examineTable(view, sample, bounds);
  const { table, keys } = sample;
  if (keys.length === 0) return examined;
  const { now, epochMs, timeoutMs } = bounds;
  const asOfMs = epochMs();
  try {
    const rows = await inTime(bounds, (options) =>
      examineRows(store.source(table), keys, fieldsOf(config), { ...options, now, asOfMs, maxAgeMs: config.maxAge }),
    );
    examined.rows = rows;
    examined.findings.push(...judgeRows(rows, config.maxAge));
  } catch (thrown) {
    examined.findings.push(failureFinding('the table', thrown, timeoutMs));
  }
  return examined;
}

function perRow({ rows, keyBytes, valueBytes, memoryBytes }: RowBytes): BytesExamination | null {
  if (rows === 0) return null;
  const mean = (bytes: number): number => Math.round(bytes / rows);
  return {
    keyBytes: mean(keyBytes),
    valueBytes: mean(valueBytes),
    memoryBytes: memoryBytes === null ? null : mean(memoryBytes),
    millionRowsBytes: Math.round((1_000_000 * (memoryBytes ?? keyBytes + valueBytes)) / rows),
  };
}
