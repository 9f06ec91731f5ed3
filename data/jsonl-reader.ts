import { AppError } from '../foundation/errors.ts';
import { parseJsonObject } from '../foundation/json-object.ts';
import { skipRows, type Broken, type Chunk, type RowFile } from './rows.ts';
import { readLines, type LineBlock } from './text-lines.ts';

/** A line of a JSONL file. `object` is undefined where the line is not a JSON object. */
interface JsonLine {
  line: number;
  text: string;
  object: Readonly<Record<string, unknown>> | undefined;
}

type JsonBlock = Pick<LineBlock, 'garbled' | 'first' | 'shareAt'> & { lines: JsonLine[] };

const CHUNK_ROWS = 2048;
/** Columns are the names of this many first lines; what only later lines have is ignored, as a CSV's header would. */
const HEAD_LINES = 1000;
const NOT_AN_OBJECT = 'is not a JSON object';
const NOT_UTF8 = 'is not UTF-8';

/** The lines of a JSONL file, parsed; empty lines are passed over. */
export async function* readJsonLines(file: string): AsyncGenerator<JsonLine> {
  for await (const { lines } of readBlocks(file)) yield* lines;
}

async function* readBlocks(file: string): AsyncGenerator<JsonBlock> {
  for await (const { lines, first, garbled, shareAt } of readLines(file)) {
    const parsed: JsonLine[] = [];
    for (const [at, text] of lines.entries()) {
      const line = first + at;
      if (text.trim() !== '')
        parsed.push({ line, text, object: garbled.has(line) ? undefined : parseJsonObject(text) });
    }
    yield { lines: parsed, first, garbled, shareAt };
  }
}

/** A JSONL file as rows: each name of an object is a column of JSON cells. */
export async function openJsonl(file: string): Promise<RowFile> {
  const names = new Set<string>();
  let seen = 0;
  let first = 1;
  for await (const { object, line } of readJsonLines(file)) {
    if (seen === 0) first = line;
    for (const name of Object.keys(object ?? {})) names.add(name);
    if (++seen === HEAD_LINES) break;
  }
  if (seen > 0 && names.size === 0) throw new AppError('INVALID_INPUT', `${file}: line ${first} ${NOT_AN_OBJECT}.`);
  const columns = [...names].map((name) => ({ name, kind: 'json' as const }));
  return {
    columns,
    unit: 'line',
    totalRows: undefined,
    chunks: ({ from = 0 } = {}) => skipRows(chunksOf(file, [...names]), from),
    close() {},
  };
}

async function* chunksOf(file: string, names: readonly string[]): AsyncGenerator<Chunk> {
  for await (const { lines, first, garbled, shareAt } of readBlocks(file)) {
    for (let from = 0; from < lines.length; from += CHUNK_ROWS) {
      const some = lines.slice(from, from + CHUNK_ROWS);
      yield chunkOf(some, names, garbled, shareAt(some.at(-1)!.line - first + 1));
    }
  }
}

function chunkOf(
  lines: readonly JsonLine[],
  names: readonly string[],
  garbled: ReadonlySet<number>,
  share: number,
): Chunk {
  const broken = new Map<number, Broken>();
  for (const [row, { line, text, object }] of lines.entries()) {
    if (!object) broken.set(row, { problem: garbled.has(line) ? NOT_UTF8 : NOT_AN_OBJECT, text });
  }
  return {
    rows: lines.length,
    place: (row) => lines[row].line,
    cells: names.map((name) =>
      lines.map(({ object }) => (object && Object.hasOwn(object, name) ? object[name] : undefined)),
    ),
    broken,
    share,
  };
}
