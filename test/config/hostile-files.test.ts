import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/load.ts';
import { withBlocks } from './sound.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));
const main = join(folder, 'tandem.yaml');

/** What is said of the only file that the main one includes. */
function saidOf(include: string): string[] {
  writeFileSync(main, withBlocks({ rest: `include: [${JSON.stringify(include)}]` }));
  return loadConfig(main, {}).problems.map(({ code, message }) => `${code} ${message}`);
}

describe('what is included is a file of a size that one reads, or it is not read', () => {
  test('a pipe that nobody writes to holds nothing up', () => {
    execFileSync('sh', ['-c', 'mkfifo pipe.yaml'], { cwd: folder });
    const refused = ['INCLUDE_UNREADABLE `pipe.yaml`: this is no file but a pipe, socket or device'];
    expect(saidOf('pipe.yaml')).toEqual(refused);
  });

  test.each(['/dev/zero', '/dev/stdin', '/dev/tty'])('%s', (device) => {
    expect(saidOf(device)).toEqual([expect.stringMatching(/^INCLUDE_UNREADABLE /)]);
  });

  test('a link to a device is one', () => {
    symlinkSync('/dev/zero', join(folder, 'zero.yaml'));
    expect(saidOf('zero.yaml')).toEqual([expect.stringContaining('no file but a pipe, socket or device')]);
  });

  test('a huge file', () => {
    writeFileSync(join(folder, 'huge.yaml'), 'x'.repeat(4 * 1024 ** 2 + 1));
    expect(saidOf('huge.yaml')).toEqual(['INCLUDE_UNREADABLE `huge.yaml`: the file is larger than 4MiB']);
  });

  test('a folder, a name that no file can have, the empty file', () => {
    mkdirSync(join(folder, 'views'));
    expect(saidOf('views')).toEqual([expect.stringContaining('this is a folder; name the file in it')]);
    expect(saidOf('a\u0000b')).toEqual([expect.stringMatching(/^INCLUDE_UNREADABLE /)]);
    expect(saidOf('x'.repeat(5000))).toEqual([expect.stringMatching(/^INCLUDE_UNREADABLE /)]);
    writeFileSync(join(folder, 'empty.yaml'), '');
    expect(saidOf('empty.yaml')).toEqual([]);
  });
});

test('a chain of more files than are read ends with a problem where it goes on', () => {
  for (let index = 0; index < 300; index++) {
    writeFileSync(join(folder, `chain${index}.yaml`), `include: [chain${index + 1}.yaml]\n`);
  }
  const said = saidOf('chain0.yaml');
  expect(said).toEqual(['INCLUDE_UNREADABLE more than 200 files are included']);
});

test('files that all include each other are read once each, and each circle is told', () => {
  const names = Array.from({ length: 30 }, (_, index) => `circle${index}.yaml`);
  for (const name of names) writeFileSync(join(folder, name), `include: ${JSON.stringify(names)}\n`);
  const said = saidOf('circle0.yaml');
  expect(said.length).toBeLessThanOrEqual(30 * 30);
  expect(new Set(said.map((line) => line.split(' ', 1)[0]))).toEqual(new Set(['INCLUDE_CYCLE']));
});
