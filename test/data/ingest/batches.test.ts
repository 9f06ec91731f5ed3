import { describe, expect, test } from 'vitest';
import { batchesOf, type BatchesOptions } from '../../../data/ingest/batches.ts';
import type { DataSource } from '../../../data/ingest/data-sources.ts';
import { matchSources } from '../../../data/ingest/match-sources.ts';
import type { Target } from '../../../data/ingest/target.ts';
import { readAhead } from '../../../data/read-ahead.ts';
import type { Chunk } from '../../../data/rows.ts';

const TARGET: Target = {
  store: 'online',
  table: 'plane',
  key: [{ name: 'tailnum', type: 'string' }],
  fields: [{ name: 'maker', type: 'string' }],
};

/** Chunks of rows with a text of some length each; tells when one is read. */
function sourceOf(chunks: number, rows: number, textLength: number, events: string[]): DataSource {
  async function* read(): AsyncGenerator<Chunk> {
    for (let at = 0; at < chunks; at++) {
      await Promise.resolve();
      events.push(`read ${at}`);
      const keys = Array.from({ length: rows }, (_, row) => `N${at * rows + row}`);
      const texts = keys.map(() => 'x'.repeat(textLength));
      yield { rows, place: (row) => at * rows + row + 1, cells: [keys, texts], broken: new Map() };
    }
  }
  const columns = ['tailnum', 'maker'].map((name) => ({ name, kind: 'string' as const }));
  const open: DataSource['open'] = () =>
    Promise.resolve({
      columns,
      unit: 'row',
      totalRows: undefined,
      chunks: read,
      close: () => void events.push('closed'),
    });
  return { name: 'planes', bytes: 1, identity: '', open };
}

async function optionsOf(source: DataSource, batchRows: number): Promise<BatchesOptions> {
  const sources = await matchSources([source], TARGET, { names: undefined, needsTime: false });
  const { signal } = new AbortController();
  return { sources, from: { source: 0, rows: 0 }, batchRows, hasCheckpoint: false, signal };
}

describe('batches', () => {
  test('are read one ahead of the one that is written, and no further', async () => {
    const events: string[] = [];
    const options = await optionsOf(sourceOf(6, 10, 1, events), 20);
    events.length = 0;
    let batch = 0;
    for await (const { rows } of readAhead(batchesOf(options))) {
      await new Promise((resolve) => setImmediate(resolve)); // all that can be read by then is
      events.push(`write ${batch++} of ${rows}`);
    }
    expect(events.join(', ')).toBe(
      'read 0, read 1, read 2, read 3, write 0 of 20, read 4, read 5, write 1 of 20, closed, write 2 of 20',
    );
  });

  test('have as many rows as they may, whatever the chunks, and know where they end', async () => {
    const batches = [];
    for await (const batch of batchesOf(await optionsOf(sourceOf(5, 10, 1, []), 15))) batches.push(batch);
    expect(batches.map(({ rows, end }) => [rows, end.rows])).toEqual([
      [15, 15],
      [15, 30],
      [15, 45],
      [5, 50],
    ]);
    expect(batches.flatMap(({ good }) => good.map(({ row }) => row.key))).toEqual(
      Array.from({ length: 50 }, (_, at) => `N${at}`),
    );
    expect(batches.map(({ good }) => good.map(({ at }) => at).at(-1))).toEqual([14, 14, 14, 4]);
  });

  test('of long texts are shorter: what is in memory is bounded', async () => {
    const rows: number[] = [];
    // 100 texts of a million characters: 32 MiB of them are a batch.
    for await (const batch of batchesOf(await optionsOf(sourceOf(100, 1, 1_000_000, []), 32_768)))
      rows.push(batch.rows);
    expect(rows).toEqual([34, 34, 32]);
  });

  test('close what they read, also where nobody reads on', async () => {
    const events: string[] = [];
    const options = await optionsOf(sourceOf(100, 10, 1, events), 10);
    events.length = 0;
    for await (const _ of readAhead(batchesOf(options))) break;
    expect(events).toEqual(['read 0', 'read 1', 'closed']);
  });
});
