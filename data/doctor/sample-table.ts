import { finding, type Finding } from '../../orchestrator/features/finding.ts';
import type { RowBytes, Store } from '../../orchestrator/features/source.ts';
import type { ViewExamination } from './examination.ts';
import { failureFinding } from './failure.ts';
import { inTime, type Bounds } from './in-time.ts';
import { sampleKeys } from './sample-keys.ts';

const ROWS = 1000;
/** Of a step's time, for listing keys; the rest is for what they take. */
const LISTING_SHARE = 0.5;

/** Some keys of a table, for all views that read it. */
export interface TableSample {
  table: string;
  keys: readonly string[];
  counted: ViewExamination['counted'];
  isEmpty: boolean;
  bytes: RowBytes | null;
  findings: Finding[];
}

/** The sample of a table of which nothing is there. */
export const emptyTable = (table: string): TableSample => ({
  table,
  keys: [],
  counted: { rows: 0, isWhole: true },
  isEmpty: true,
  bytes: null,
  findings: [],
});

/** Up to 1,000 keys of a table, spread over it, and what their rows take. Never rejects: what failed is a finding. */
export async function sampleTable(store: Store, table: string, bounds: Bounds): Promise<TableSample> {
  const sample: TableSample = { table, keys: [], counted: null, isEmpty: false, bytes: null, findings: [] };
  try {
    if (!store.keys) {
      sample.isEmpty = await inTime(bounds, () => store.isEmpty(table));
      if (!sample.isEmpty)
        sample.findings.push(finding('KEYS_NOT_LISTED', 'the store cannot list its keys: no row was looked at'));
      return sample;
    }
    const { keys, counted, isWhole } = await inTime(bounds, ({ signal }) => {
      const listed = AbortSignal.any([signal, AbortSignal.timeout(LISTING_SHARE * bounds.timeoutMs)]);
      return sampleKeys(store.keys!(table, { signal: listed }), ROWS, listed);
    });
    sample.keys = keys;
    sample.counted = { rows: counted, isWhole };
    sample.isEmpty = isWhole && counted === 0;
    if (counted === 0 && !isWhole) {
      const message = 'no key of the table was found in time, among those of other tables: no row was looked at';
      sample.findings.push(finding('KEYS_NOT_LISTED', message, 'give it longer: --timeout'));
    }
    if (keys.length > 0 && store.rowBytes) {
      sample.bytes = await inTime(bounds, (options) => store.rowBytes!(table, keys, options));
    }
  } catch (thrown) {
    sample.findings.push(failureFinding('the table', thrown, bounds.timeoutMs));
  }
  return sample;
}
