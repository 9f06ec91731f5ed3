import { isUtf8 } from 'node:buffer';
import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { AppError } from '../foundation/errors.ts';
import { unreadableFile } from './unreadable-file.ts';

/** Some neighbouring lines of a text file, without their line feeds (a carriage return before one is kept). */
export interface LineBlock {
  lines: readonly string[];
  /** The number of the first, from 1. */
  first: number;
  /** The numbers of those that are not UTF-8; their text has U+FFFD in place of what is not. */
  garbled: ReadonlySet<number>;
  /** The share of the file that is read with a line of the block, 0 to 1, by how many of its lines come up to it. */
  shareAt: (lines: number) => number;
}

/** What one reading asks of the disk. */
const BYTES_A_READ = 256 * 1024;
/** A longer line is no row: it would be held in memory as a whole. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;
const NONE: ReadonlySet<number> = new Set();

/**
 * The lines of a text file, unpacked by the name's ending (`.gz`, `.zst`). A byte-order mark at the beginning is no text.
 * Throws INVALID_INPUT where the file cannot be read, is damaged, or has a line of more than 16 MiB.
 */
export async function* readLines(file: string): AsyncGenerator<LineBlock> {
  const { source, packedBytes } = await open(file);
  const unpacked = unpack(file, source);
  const isPacked = unpacked !== source;
  const carried: Buffer[] = [];
  let carriedBytes = 0;
  let first = 1;
  let takenBytes = 0;
  let shareBefore = 0;
  const blockOf = (end: Buffer): LineBlock => {
    const bytes = carried.length === 0 ? end : Buffer.concat([...carried, end]);
    carried.length = carriedBytes = 0;
    const decoded = decode(bytes, first);
    const { length } = decoded.lines;
    // Of a packed file the bytes that were read: a little more than the lines so far are made of.
    const share = Math.min(1, (isPacked ? source.bytesRead : takenBytes) / packedBytes);
    const before = shareBefore;
    const block = { ...decoded, first, shareAt: (lines: number) => before + ((share - before) * lines) / length };
    first += length;
    shareBefore = share;
    return block;
  };
  try {
    for await (const bytes of unpacked as AsyncIterable<Buffer>) {
      const end = bytes.lastIndexOf(LINE_FEED);
      takenBytes += end + 1;
      if (end >= 0) yield blockOf(bytes.subarray(0, end));
      const rest = bytes.subarray(end + 1);
      takenBytes += rest.length;
      carriedBytes += rest.length;
      if (carriedBytes > MAX_LINE_BYTES) {
        throw new AppError('INVALID_INPUT', `${file}: line ${first} is longer than 16 MiB.`);
      }
      if (rest.length > 0) carried.push(rest);
    }
    if (carriedBytes > 0) yield blockOf(Buffer.alloc(0));
  } catch (cause) {
    throw cause instanceof AppError ? cause : unreadableFile(file, cause);
  } finally {
    source.destroy();
  }
}

async function open(file: string): Promise<{ source: ReadStream; packedBytes: number }> {
  try {
    const { size } = await stat(file);
    return { source: createReadStream(file, { highWaterMark: BYTES_A_READ }), packedBytes: size };
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

function unpack(file: string, source: ReadStream): NodeJS.ReadableStream {
  const options = { chunkSize: BYTES_A_READ };
  // What goes wrong ends the stream that is read with the error: the callback has nothing to add.
  switch (extname(file).toLowerCase()) {
    case '.gz':
      return pipeline(source, createGunzip(options), () => {});
    case '.zst':
      return pipeline(source, createZstdDecompress(options), () => {});
    default:
      return source;
  }
}

function decode(bytes: Buffer, first: number): Pick<LineBlock, 'lines' | 'garbled'> {
  const lines = bytes.toString('utf8').split('\n');
  if (first === 1 && lines[0].startsWith('\uFEFF')) lines[0] = lines[0].slice(1);
  return { lines, garbled: isUtf8(bytes) ? NONE : garbledLines(bytes, first) };
}

function garbledLines(bytes: Buffer, first: number): Set<number> {
  const garbled = new Set<number>();
  let start = 0;
  for (let line = first; start <= bytes.length; line++) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    if (!isUtf8(bytes.subarray(start, end))) garbled.add(line);
    start = end + 1;
  }
  return garbled;
}
