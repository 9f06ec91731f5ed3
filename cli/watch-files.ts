import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync, watch, type BigIntStats, type FSWatcher } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A save is several events (truncate, write, rename); what they leave behind is looked at once, this long after the last. */
const SETTLE_MS = 60;
/** A folder in which something is written all the time (a log) is looked at all the same, after so many events. */
const MAX_EVENTS = 20;
/** File systems that tell no events (NFS, some volumes) are looked at this often. */
const LOOK_MS = 2000;
/** A chain of links as long as the kernel follows (path_resolution(7)). */
const MAX_LINKS = 40;

export interface FileWatch {
  /** From now on these are watched and no others. What is among both keeps the content it was last seen with. */
  update(paths: readonly string[]): void;
  close(): void;
}

/** Milliseconds; for tests. */
export interface WatchTimes {
  settleMs?: number;
  lookMs?: number;
}

/**
 * Calls `onChange` with the paths whose content differs from when it was last looked at: a file's bytes, a folder's tree by
 * names, sizes and times. A path need not exist, and may begin to. It is folders that are watched, of the path and of
 * every link on its way, since editors replace a file by renaming, and Kubernetes swaps a ConfigMap by replacing the
 * link `..data` beside it: no event ever comes from the file itself. Keeps the process alive until it is closed.
 */
export function watchFiles(
  paths: readonly string[],
  onChange: (changed: readonly string[]) => void,
  times: WatchTimes = {},
): FileWatch {
  const watched = new WatchedPaths(onChange, times.settleMs ?? SETTLE_MS);
  watched.update(paths);
  const looking = setInterval(() => watched.look(), times.lookMs ?? LOOK_MS);
  return {
    update: (next) => watched.update(next),
    close() {
      clearInterval(looking);
      watched.close();
    },
  };
}

/** What a path was last seen to hold. `stamp` changes whenever the content may have: it spares reading. */
interface Seen {
  stamp: string;
  content: string;
}

class WatchedPaths {
  readonly #onChange: (changed: readonly string[]) => void;
  readonly #settleMs: number;
  readonly #folders = new Map<string, { inode: bigint | undefined; watcher: FSWatcher | undefined }>();
  #seen = new Map<string, Seen>();
  #settling: NodeJS.Timeout | undefined;
  #events = 0;

  constructor(onChange: (changed: readonly string[]) => void, settleMs: number) {
    this.#onChange = onChange;
    this.#settleMs = settleMs;
  }

  update(paths: readonly string[]): void {
    this.#seen = new Map(paths.map((path) => [path, this.#seen.get(path) ?? seenAt(path)]));
    this.#watchFolders();
  }

  /** Compares where the stamp says that something may have changed; after an event, everything. */
  look(afterEvent = false): void {
    const changed: string[] = [];
    for (const [path, before] of this.#seen) {
      if (!afterEvent && stampOf(path) === before.stamp) continue;
      const now = seenAt(path);
      this.#seen.set(path, now);
      if (now.content !== before.content) changed.push(path);
    }
    this.#watchFolders();
    if (changed.length > 0) this.#onChange(changed);
  }

  close(): void {
    clearTimeout(this.#settling);
    this.#seen.clear();
    this.#watchFolders();
  }

  /** Watches each folder that matters now; one that was replaced by another of its name is watched anew. */
  #watchFolders(): void {
    const wanted = new Set([...this.#seen.keys()].flatMap(foldersOf));
    for (const [folder, { watcher }] of this.#folders) {
      if (wanted.has(folder)) continue;
      watcher?.close();
      this.#folders.delete(folder);
    }
    for (const folder of wanted) {
      const inode = statOf(folder)?.ino;
      const known = this.#folders.get(folder);
      if (known !== undefined && known.inode === inode) continue;
      known?.watcher?.close();
      this.#folders.set(folder, { inode, watcher: inode === undefined ? undefined : this.#watchFolder(folder) });
    }
  }

  /** Undefined where the folder went away meanwhile, or the system has no watches left: it is still looked at. */
  #watchFolder(folder: string): FSWatcher | undefined {
    try {
      const watcher = watch(folder, () => this.#settle());
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }

  #settle(): void {
    this.#events++;
    if (this.#events > MAX_EVENTS) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#events = 0;
      this.look(true);
    }, this.#settleMs);
  }
}

/** The stamp is taken first: what is written between the two is seen again at the next look. */
function seenAt(path: string): Seen {
  return { stamp: stampOf(path), content: contentOf(path) };
}

function stampOf(path: string): string {
  const stat = statOf(path);
  if (stat === undefined) return '';
  return stat.isDirectory() ? treeOf(path) : stampOfFile(stat);
}

const stampOfFile = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;

function contentOf(path: string): string {
  const stat = statOf(path);
  if (stat === undefined) return '';
  if (stat.isDirectory()) return treeOf(path);
  try {
    return createHash('sha256').update(readFileSync(path)).digest('base64');
  } catch {
    return 'unreadable';
  }
}

/** A model may have gigabytes: its files are told apart by size and time, not read. */
function treeOf(folder: string): string {
  return treePaths(folder)
    .map((path) => {
      const stat = statOf(path);
      return stat?.isFile() ? `${path}\0${stat.size}:${stat.mtimeNs}` : path;
    })
    .join('\0');
}

function treePaths(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .sort();
  } catch {
    return [];
  }
}

/** The folders in which the path, or a link on its way, can be replaced; of a tree, all of its own too. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  let at = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    folders.push(dirname(at));
    const target = linkTarget(at);
    if (target === undefined) break;
    at = resolve(dirname(at), target);
  }
  if (statOf(path)?.isDirectory()) folders.push(path, ...treePaths(path).filter((each) => statOf(each)?.isDirectory()));
  return folders;
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
