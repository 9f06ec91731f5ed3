import { AppError } from '../foundation/errors.ts';
import { CsvRecords, delimiterOf, type CsvRecord } from './csv-records.ts';
import { skipRows, type Broken, type Chunk, type RowFile } from './rows.ts';
import { readLines } from './text-lines.ts';

interface RecordBlock {
  records: CsvRecord[];
  /** The share of the file that is read with a line, by its number. */
  shareAt: (line: number) => number;
}

const CHUNK_ROWS = 2048;

/**
 * A CSV file with a header, its delimiter a comma, a semicolon, a tab or a bar. Cells are texts: no type is guessed from
 * the first rows; an empty cell is null, `""` the empty string. Blank lines are passed over, but where there is one column.
 */
export async function openCsv(file: string): Promise<RowFile> {
  const { header, delimiter } = await readHeader(file);
  const columns = header.map((name) => ({ name, kind: 'text' as const }));
  return {
    columns,
    unit: 'line',
    totalRows: undefined,
    chunks: ({ from = 0 } = {}) => skipRows(chunksOf(file, delimiter, columns.length), from),
    close() {},
  };
}

async function readHeader(file: string): Promise<{ header: string[]; delimiter: string }> {
  for await (const { lines } of readLines(file)) {
    const first = lines.find((line) => line.trim() !== '');
    if (first === undefined) continue;
    const delimiter = delimiterOf(first);
    for await (const { records } of readRecords(file, delimiter)) {
      for (const { line, cells, problem } of records) {
        if (!cells) throw new AppError('INVALID_INPUT', `${file}: line ${line} ${problem}.`);
        if (isBlank(cells)) continue;
        return { header: checkedHeader(file, cells), delimiter };
      }
    }
  }
  throw new AppError('INVALID_INPUT', `${file} is empty: a CSV begins with a line of column names.`);
}

function checkedHeader(file: string, cells: readonly (string | null)[]): string[] {
  const names = cells.map((cell) => cell ?? ''); // what a delimiter at the end of each line makes
  const twice = names.find((name, at) => name !== '' && names.indexOf(name) !== at);
  if (twice !== undefined) throw new AppError('INVALID_INPUT', `${file} has two columns "${twice}".`);
  return names;
}

async function* readRecords(file: string, delimiter: string): AsyncGenerator<RecordBlock> {
  const parser = new CsvRecords(delimiter);
  const garbled = new Set<number>();
  for await (const block of readLines(file)) {
    const records: CsvRecord[] = [];
    for (const line of block.garbled) garbled.add(line);
    parser.take(block.lines, block.first, records);
    const shareAt = (line: number): number => block.shareAt(line - block.first + 1);
    yield { records: records.map((record) => withoutGarbage(record, garbled)), shareAt };
    if (!parser.isOpen) garbled.clear();
  }
  const records: CsvRecord[] = [];
  parser.end(records);
  yield { records: records.map((record) => withoutGarbage(record, garbled)), shareAt: () => 1 };
}

/** A record with a line that is not UTF-8 would have other letters than the file. */
function withoutGarbage(record: CsvRecord, garbled: ReadonlySet<number>): CsvRecord {
  if (garbled.size === 0) return record;
  const lines = record.text.split('\n').length;
  for (let line = record.line; line < record.line + lines; line++) {
    if (garbled.has(line)) return { ...record, cells: undefined, problem: 'is not UTF-8' };
  }
  return record;
}

async function* chunksOf(file: string, delimiter: string, columns: number): AsyncGenerator<Chunk> {
  let hasHeader = false;
  for await (const { records, shareAt } of readRecords(file, delimiter)) {
    const rows = columns > 1 ? records.filter(({ cells }) => !cells || !isBlank(cells)) : records;
    // The header is the first that is not blank.
    let from: number = hasHeader ? 0 : rows.findIndex(({ cells }) => !cells || !isBlank(cells)) + 1;
    hasHeader ||= from > 0;
    if (!hasHeader) continue;
    for (; from < rows.length; from += CHUNK_ROWS) {
      const some = rows.slice(from, from + CHUNK_ROWS);
      yield chunkOf(some, columns, shareAt(some.at(-1)!.line));
    }
  }
}

function chunkOf(records: readonly CsvRecord[], columns: number, share: number): Chunk {
  const broken = new Map<number, Broken>();
  const cells = Array.from({ length: columns }, () => new Array<string | null>(records.length).fill(null));
  for (const [row, record] of records.entries()) {
    const problem = record.cells ? miscounted(record.cells, columns) : record.problem;
    if (problem !== '') broken.set(row, { problem, text: record.text });
    else for (let column = 0; column < columns; column++) cells[column][row] = record.cells![column];
  }
  return { rows: records.length, place: (row) => records[row].line, cells, broken, share };
}

function miscounted(cells: readonly (string | null)[], columns: number): string {
  return cells.length === columns ? '' : `has ${cells.length} cells, and the header ${columns}`;
}

const isBlank = (cells: readonly (string | null)[]): boolean => cells.length === 1 && cells[0] === null;
