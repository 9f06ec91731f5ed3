import { open, type FileHandle } from 'node:fs/promises';
import type { AsyncRecordBatchStreamReader } from 'apache-arrow';
import { AppError } from '../../foundation/errors.ts';
import { skipRows, type Broken, type Chunk, type ReadOptions, type RowFile } from '../rows.ts';
import { unreadableFile } from '../unreadable-file.ts';
import { arrowCells, arrowColumn, type ArrowColumn } from './arrow-cells.ts';
import { importArrow, type Arrow } from './arrow-library.ts';

const CHUNK_ROWS = 2048;
const NOTHING_BROKEN: ReadonlyMap<number, Broken> = new Map();
/** What Feather was before it became Arrow's own format. */
const FEATHER_1 = 'FEA1';
const FILE = 'ARRO';
const STREAM = '\u00FF\u00FF\u00FF\u00FF';

type BatchReader = AsyncRecordBatchStreamReader;

/** An Arrow file or stream (Feather version 2 is the file): its own types. One record batch at a time is in memory. */
export async function openArrow(file: string): Promise<RowFile> {
  const library = await importArrow();
  const columns = await withReader(library, file, ({ schema }) =>
    Promise.resolve(schema.fields.map(({ name, type }) => arrowColumn(library, name, type))),
  );
  return {
    columns: columns.map(({ name, kind }) => ({ name, kind })),
    unit: 'row',
    totalRows: undefined,
    chunks: (options = {}) => skipRows(chunksOf(library, file, columns, options), options.from ?? 0),
    close() {},
  };
}

async function* chunksOf(
  library: Arrow,
  file: string,
  columns: readonly ArrowColumn[],
  { wanted }: ReadOptions,
): AsyncGenerator<Chunk> {
  const handle = await openHandle(file);
  let before = 1;
  let batches = 0;
  try {
    const reader = await readerOf(library, file, handle);
    // A file says how many batches it has; a stream does not.
    const total = reader.isFile() ? reader.numRecordBatches : 0;
    for await (const batch of reader) {
      batches++;
      const vectors = columns.map((_, at) => (wanted?.has(at) === false ? null : batch.getChildAt(at)));
      for (let from = 0; from < batch.numRows; from += CHUNK_ROWS) {
        const to = Math.min(batch.numRows, from + CHUNK_ROWS);
        const first = before + from;
        yield {
          rows: to - from,
          place: (row) => first + row,
          cells: vectors.map((vector, at) => (vector ? arrowCells(vector, columns[at], from, to) : [])),
          broken: NOTHING_BROKEN,
          ...(total === 0 ? {} : { share: (batches - 1 + to / batch.numRows) / total }),
        };
      }
      before += batch.numRows;
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : unreadableFile(file, cause);
  } finally {
    await handle.close();
  }
}

async function withReader<Result>(
  library: Arrow,
  file: string,
  use: (reader: BatchReader) => Promise<Result>,
): Promise<Result> {
  const handle = await openHandle(file);
  try {
    return await use(await readerOf(library, file, handle));
  } catch (cause) {
    throw cause instanceof AppError ? cause : unreadableFile(file, cause);
  } finally {
    await handle.close();
  }
}

async function openHandle(file: string): Promise<FileHandle> {
  try {
    return await open(file);
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

async function readerOf({ RecordBatchReader }: Arrow, file: string, handle: FileHandle): Promise<BatchReader> {
  const { buffer } = await handle.read({ buffer: Buffer.alloc(4), position: 0 });
  const magic = buffer.toString('latin1');
  if (magic === FEATHER_1) {
    const mend = 'write it anew with pyarrow.feather.write_feather(table, path), or pandas';
    throw new AppError('INVALID_INPUT', `${file} is a Feather file of version 1, which is no Arrow file: ${mend}.`);
  }
  // The library would take the first bytes of any other file for a length, and read as much.
  if (magic !== FILE && magic !== STREAM) {
    throw new AppError('INVALID_INPUT', `${file} is neither an Arrow file nor an Arrow stream.`);
  }
  return (await (await RecordBatchReader.from(handle)).open({ autoDestroy: false })) as BatchReader;
}
