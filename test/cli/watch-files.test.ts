import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFiles, type FileWatch, type WatchTimes } from '../../cli/watch-files.ts';

let folder: string;
let watching: FileWatch | undefined;
let changes: string[][];
let heard: () => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-watch-'));
  changes = [];
  heard = () => undefined;
});

afterEach(async () => {
  watching?.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (...names: string[]): string => join(folder, ...names);

/** Looks are so rare that a test which passes was told by an event, unless it says otherwise. */
function watchThem(paths: string[], times: WatchTimes = { settleMs: 20, lookMs: 60_000 }): void {
  watching = watchFiles(
    paths,
    (changed) => {
      changes.push([...changed]);
      heard();
    },
    times,
  );
}

/** What the next call of the listener names. */
async function changeAfter(act: () => Promise<unknown>): Promise<string[] | undefined> {
  const called = new Promise<void>((resolve) => (heard = resolve));
  await act();
  await called;
  return changes.at(-1);
}

describe('watchFiles', () => {
  it('tells which file was written', async () => {
    await writeFile(at('a.yaml'), 'a');
    await writeFile(at('b.yaml'), 'b');
    watchThem([at('a.yaml'), at('b.yaml')]);
    expect(await changeAfter(() => writeFile(at('b.yaml'), 'B'))).toEqual([at('b.yaml')]);
  });

  it('tells a file that an editor replaced by renaming another onto it, again and again', async () => {
    await writeFile(at('a.yaml'), '0');
    watchThem([at('a.yaml')]);
    for (const text of ['1', '2', '3']) {
      await writeFile(at('.a.yaml.swp'), text);
      expect(await changeAfter(() => rename(at('.a.yaml.swp'), at('a.yaml')))).toEqual([at('a.yaml')]);
    }
  });

  it('tells a ConfigMap whose link ..data was swapped, though the file itself has no event', async () => {
    const write = async (version: string): Promise<void> => {
      await mkdir(at(version));
      await writeFile(at(version, 'tandem.yaml'), version);
      await symlink(version, at('..data_tmp'));
      await rename(at('..data_tmp'), at('..data'));
    };
    await write('..2026_1');
    await symlink('..data/tandem.yaml', at('tandem.yaml'));
    watchThem([at('tandem.yaml')]);
    for (const version of ['..2026_2', '..2026_3']) {
      expect(await changeAfter(() => write(version))).toEqual([at('tandem.yaml')]);
    }
  });

  it('follows a link into another folder, where the file is written', async () => {
    await mkdir(at('real'));
    await writeFile(at('real', 'a.yaml'), '1');
    await mkdir(at('seen'));
    await symlink(at('real', 'a.yaml'), at('seen', 'a.yaml'));
    watchThem([at('seen', 'a.yaml')]);
    expect(await changeAfter(() => writeFile(at('real', 'a.yaml'), '2'))).toEqual([at('seen', 'a.yaml')]);
  });

  it('says nothing of a file that was written with what it held, nor of its neighbours', async () => {
    await writeFile(at('a.yaml'), 'same');
    await writeFile(at('b.yaml'), '1');
    watchThem([at('a.yaml'), at('b.yaml')]);
    const told = await changeAfter(async () => {
      await writeFile(at('a.yaml'), 'same');
      await writeFile(at('c.yaml'), 'new');
      await writeFile(at('b.yaml'), '2');
    });
    expect(told).toEqual([at('b.yaml')]);
    expect(changes).toHaveLength(1);
  });

  it('tells a file that appears and one that goes', async () => {
    watchThem([at('a.yaml')]);
    expect(await changeAfter(() => writeFile(at('a.yaml'), 'a'))).toEqual([at('a.yaml')]);
    expect(await changeAfter(() => rm(at('a.yaml')))).toEqual([at('a.yaml')]);
  });

  it('sees what no event told when it looks, also in a folder that was made anew', async () => {
    await mkdir(at('made'));
    await writeFile(at('made', 'a.yaml'), '1');
    watchThem([at('made', 'a.yaml')], { settleMs: 5, lookMs: 10 });
    const gone = await changeAfter(() => rm(at('made'), { recursive: true }));
    expect(gone).toEqual([at('made', 'a.yaml')]);
    await mkdir(at('made'));
    expect(await changeAfter(() => writeFile(at('made', 'a.yaml'), '2'))).toEqual([at('made', 'a.yaml')]);
    expect(await changeAfter(() => writeFile(at('made', 'a.yaml'), '3'))).toEqual([at('made', 'a.yaml')]);
  });

  it('tells a folder in whose tree a file was written', async () => {
    await mkdir(at('model', 'weights'), { recursive: true });
    await writeFile(at('model', 'weights', 'w.bin'), 'w');
    watchThem([at('model')]);
    expect(await changeAfter(() => writeFile(at('model', 'weights', 'w.bin'), 'more'))).toEqual([at('model')]);
    expect(await changeAfter(() => writeFile(at('model', 'new.json'), '{}'))).toEqual([at('model')]);
  });

  it('watches what it is updated to, and nothing else', async () => {
    await writeFile(at('a.yaml'), '1');
    await writeFile(at('b.yaml'), '1');
    watchThem([at('a.yaml')]);
    watching?.update([at('b.yaml')]);
    const told = await changeAfter(async () => {
      await writeFile(at('a.yaml'), '2');
      await writeFile(at('b.yaml'), '2');
    });
    expect(told).toEqual([at('b.yaml')]);
  });

  it('looks in the end where something in the folder is written all the time', async () => {
    await writeFile(at('a.yaml'), '1');
    watchThem([at('a.yaml')], { settleMs: 40, lookMs: 60_000 });
    const logging = new AbortController();
    const told = changeAfter(() => writeFile(at('a.yaml'), '2')).finally(() => logging.abort());
    for (let line = 0; !logging.signal.aborted; line++) await writeFile(at('log'), String(line));
    expect(await told).toEqual([at('a.yaml')]);
  });

  it('leaves no watch behind when it is closed', async () => {
    const watches = (): number => process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length;
    await writeFile(at('a.yaml'), '1');
    const before = watches();
    watchThem([at('a.yaml')]);
    expect(watches()).toBe(before + 1);
    watching?.close();
    await expect.poll(watches).toBe(before);
  });
});
