import { differences } from './compare-rows.ts';
import { patientFetch, type PatientFetchOptions } from './patient-fetch.ts';
import type { FoundRow } from './stored-pages.ts';
import type { FieldProblem } from './stored-rows.ts';

/** A row that is another one where it was written to. */
export interface DifferingRow {
  key: string;
  problems: FieldProblem[];
}

/** Reads rows back, and gives those that are not what was written, bit for bit. With `newest`, newer ones may stay. */
export async function* readBack(
  fetching: PatientFetchOptions,
  rows: readonly FoundRow[],
  newest: boolean,
): AsyncGenerator<DifferingRow> {
  if (rows.length === 0) return;
  let next = 0;
  const all = rows.map(({ row }) => row.key);
  for await (const { keys, block } of patientFetch(fetching, all)) {
    for (const [at, key] of keys.entries()) {
      const { row, was } = rows[next++];
      if (newest && block.timestampMs[at] > (row.timestampMs ?? Number.NaN)) continue;
      const problems = differences(fetching.fields, was, { block, at });
      if (problems.length > 0) yield { key, problems };
    }
  }
}
