import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readZipMember } from '../../../foundation/model-inputs/zip.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-zip-'));
  path = join(folder, 'a.zip');
});
afterAll(() => rm(folder, { recursive: true }));

interface Member {
  name: string;
  content: Buffer;
  isDeflated: boolean;
}

/** A zip of members and a comment, written from APPNOTE.TXT. */
function zip(members: readonly Member[], comment: string): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { name, content, isDeflated } of members) {
    const packed = isDeflated ? deflateRawSync(content) : content;
    const nameBytes = Buffer.from(name);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(isDeflated ? 8 : 0, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), shared, nameBytes, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\0'), shared, tail, nameBytes]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  end.writeUInt16LE(Buffer.byteLength(comment), 16);
  return Buffer.concat([...locals, directory, Buffer.from('PK\u0005\u0006'), end, Buffer.from(comment)]);
}

const member = fc.record({
  name: fc.stringMatching(/^[a-zé/]{1,12}$/),
  content: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  isDeflated: fc.boolean(),
});
const members = fc.uniqueArray(member, { selector: ({ name }) => name, minLength: 1, maxLength: 5 });

it('gives each member as it was, stored or deflated, with or without a comment at the end', async () => {
  const comment = fc.stringMatching(/^[a-z ]{0,40}$/);
  await fc.assert(
    fc.asyncProperty(members, comment, async (all, text) => {
      await writeFile(path, zip(all, text));
      for (const { name, content } of all) expect(readZipMember(path, name)).toEqual(content);
    }),
    { numRuns: 50 },
  );
});

it('rejects whatever bytes are no zip, or one that is damaged, and never hangs', async () => {
  await fc.assert(
    fc.asyncProperty(members, fc.nat(), fc.nat(255), async (all, at, byte) => {
      const bytes = zip(all, '');
      bytes[at % bytes.length] = byte;
      await writeFile(path, bytes);
      let read: unknown;
      try {
        read = readZipMember(path, all[0].name);
      } catch (error) {
        read = error;
      }
      expect(Buffer.isBuffer(read) || read instanceof Error).toBe(true);
    }),
    { numRuns: 100 },
  );
});

it('says that a member is not there, and that a file is no zip', async () => {
  await writeFile(path, zip([{ name: 'a', content: Buffer.from('x'), isDeflated: false }], ''));
  expect(() => readZipMember(path, 'b')).toThrow('it has no b');
  await writeFile(path, 'a text');
  expect(() => readZipMember(path, 'a')).toThrow('it is no zip');
});
