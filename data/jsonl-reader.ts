import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { AppError } from '../foundation/errors.ts';
import { parseJsonObject } from '../foundation/json-object.ts';
import type { Chunk, RowFile } from './rows.ts';

/** A line of a JSONL file. `object` is undefined where the line is not a JSON object. */
export interface JsonLine {
  line: number;
  object: Readonly<Record<string, unknown>> | undefined;
  /** Bytes of the file up to this line's end, about: for progress. */
  bytes: number;
}

const CHUNK_ROWS = 2048;
/** Columns are the names of this many first lines; what only later lines have is ignored, as a CSV's header would. */
const HEAD_LINES = 1000;
const NOT_AN_OBJECT = 'is not a JSON object';

/** The lines of a JSONL file, parsed; empty lines are passed over. */
export async function* readJsonLines(file: string): AsyncGenerator<JsonLine> {
  const stream = createReadStream(file);
  try {
    let line = 0;
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
      line++;
      if (text.trim() !== '') yield { line, object: parseJsonObject(text), bytes: stream.bytesRead };
    }
  } catch (cause) {
    throw new AppError('INVALID_INPUT', `${file} cannot be read.`, { cause });
  } finally {
    stream.destroy();
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
  return { columns, unit: 'line', totalRows: undefined, chunks: () => chunksOf(file, [...names]), close() {} };
}

async function* chunksOf(file: string, names: readonly string[]): AsyncGenerator<Chunk> {
  let lines: JsonLine[] = [];
  for await (const line of readJsonLines(file)) {
    lines.push(line);
    if (lines.length < CHUNK_ROWS) continue;
    yield chunkOf(lines, names);
    lines = [];
  }
  if (lines.length > 0) yield chunkOf(lines, names);
}

function chunkOf(lines: readonly JsonLine[], names: readonly string[]): Chunk {
  return {
    rows: lines.length,
    place: (row) => lines[row].line,
    cells: names.map((name) =>
      lines.map(({ object }) => (object && Object.hasOwn(object, name) ? object[name] : undefined)),
    ),
    broken: new Map(lines.flatMap(({ object }, row) => (object ? [] : [[row, NOT_AN_OBJECT] as const]))),
  };
}
