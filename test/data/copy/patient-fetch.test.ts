import { describe, expect, test } from 'vitest';
import { patientFetch, type PatientFetchOptions } from '../../../data/copy/patient-fetch.ts';
import { AppError } from '../../../foundation/errors.ts';
import { RowBlock } from '../../../orchestrator/features/row-block.ts';
import type { FeatureSource } from '../../../orchestrator/features/source.ts';
import { Status } from '../../../orchestrator/plan/column.ts';

const FIELDS = [{ name: 'n', type: 'int64' as const }];
const KEYS = Array.from({ length: 1000 }, (_, n) => `${n}`);

/** A source that has time for so many keys a fetch; of more it fails as a whole, or each key behind them does. */
function slowSource(keysInTime: number, fails: 'whole' | 'in part', sizes: number[]): FeatureSource {
  return {
    fetch({ count, text }) {
      sizes.push(count);
      if (count > keysInTime && fails === 'whole') {
        return Promise.reject(new AppError('DEADLINE_EXCEEDED', 'The store "old" did not answer in time.'));
      }
      const block = new RowBlock(FIELDS, count);
      for (const [row, key] of text.entries()) {
        if (row < keysInTime) block.columns.values[0][row] = Number(key);
        else block.unknown(row, Status.TIMEOUT);
      }
      return block.columns;
    },
  };
}

const optionsOf = (source: FeatureSource): PatientFetchOptions => ({
  source,
  store: 'old',
  fields: FIELDS,
  clock: { epochMs: () => 0, monotonicMs: () => 0 },
  signal: new AbortController().signal,
});

async function fetched(source: FeatureSource): Promise<[string, unknown][]> {
  const rows: [string, unknown][] = [];
  for await (const { keys, block } of patientFetch(optionsOf(source), KEYS)) {
    for (const [row, key] of keys.entries()) rows.push([key, block.values[0][row]]);
  }
  return rows;
}

describe('a patient fetch', () => {
  test.each(['whole', 'in part'] as const)(
    'parts keys that were not read in time, until all are (failing %s)',
    async (fails) => {
      const sizes: number[] = [];
      expect(await fetched(slowSource(130, fails, sizes))).toEqual(KEYS.map((key) => [key, Number(key)]));
      expect(sizes.filter((size) => size <= 130)).toEqual(Array.from({ length: 8 }, () => 125));
    },
  );

  test('asks once where all are in time', async () => {
    const sizes: number[] = [];
    await fetched(slowSource(1000, 'whole', sizes));
    expect(sizes).toEqual([1000]);
  });

  test('says which store is too slow for even a few', async () => {
    await expect(fetched(slowSource(0, 'in part', []))).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'The store "old" does not answer in time; raise stores.old.timeout.',
    });
  });

  test('gives on what a store fails of otherwise', async () => {
    const away = new AppError('FEATURE_UNAVAILABLE', 'The store "old" cannot be reached.');
    await expect(fetched({ fetch: () => Promise.reject(away) })).rejects.toBe(away);
  });
});
