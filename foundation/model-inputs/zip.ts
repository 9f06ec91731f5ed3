import { inflateRawSync } from 'node:zlib';
import { readParts, type FileParts } from './file-parts.ts';

/** Offsets are those of APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16. */
const END = { signature: 0x06054b50, size: 22, maxComment: 0xffff };
const ENTRY = { signature: 0x02014b50, size: 46 };
const LOCAL_SIZE = 30;
/** A schema of a few MB is large; what claims more is no model. */
const MAX_BYTES = 256 * 1024 ** 2;
const STORED = 0;
const DEFLATED = 8;

/**
 * One member of a zip, stored or deflated. Reads the directory and that member, not the file.
 * @throws Error with a sentence where the file is no zip, or has no such member.
 */
export function readZipMember(path: string, member: string): Buffer {
  return readParts(path, (file) => readMember(file, member));
}

function readMember(file: FileParts, member: string): Buffer {
  const tail = readAt(file, Math.max(0, file.size - END.size - END.maxComment), file.size);
  const end = findEnd(tail);
  if (end < 0) throw new Error('it is no zip');
  const start = tail.readUInt32LE(end + 16);
  const directory = readAt(file, start, start + tail.readUInt32LE(end + 12));
  for (let at = 0; at + ENTRY.size <= directory.length && directory.readUInt32LE(at) === ENTRY.signature;) {
    const nameEnd = at + ENTRY.size + directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + ENTRY.size, nameEnd);
    if (name === member) return readEntry(file, directory.subarray(at, nameEnd));
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  throw new Error(`it has no ${member}`);
}

/** The end of the directory is the last record; a comment may follow it. */
function findEnd(tail: Buffer): number {
  for (let at = tail.length - END.size; at >= 0; at--) {
    if (tail.readUInt32LE(at) === END.signature) return at;
  }
  return -1;
}

function readEntry(file: FileParts, entry: Buffer): Buffer {
  const method = entry.readUInt16LE(10);
  const packedSize = entry.readUInt32LE(20);
  const offset = entry.readUInt32LE(42);
  // The sizes here are the directory's: a member that was streamed has none in its own head.
  const local = readAt(file, offset, offset + LOCAL_SIZE);
  const start = offset + LOCAL_SIZE + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = readAt(file, start, start + packedSize);
  if (method === STORED) return packed;
  if (method === DEFLATED) return inflateRawSync(packed, { maxOutputLength: MAX_BYTES });
  throw new Error(`it is packed by a method that is not read (${method})`);
}

function readAt(file: FileParts, start: number, end: number): Buffer {
  const length = end - start;
  if (length > MAX_BYTES || end > file.size) throw new Error('it is damaged: its directory points outside of the file');
  const bytes = file.read(start, end);
  if (bytes.length < length) throw new Error('it ends too early');
  return bytes;
}
