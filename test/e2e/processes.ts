import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process's children, whichever of its threads started them; none once it is gone. */
function childrenOf(pid: number): number[] {
  const tasks = unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  return tasks.flatMap((task) => {
    const children = unlessGone(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')) ?? '';
    return children.split(' ').filter(Boolean).map(Number);
  });
}

/** A process, its children, theirs, and so on. */
export function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

/** Processes that work in a folder or have it in their command line, but for this one. */
export function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && !isGone(pid))
    .filter((pid) => (workingFolderOf(pid) ?? '').startsWith(folder) || commandOf(pid).includes(folder));
}

/** The state letter of proc(5): `R`, `S`, `T` when stopped, `Z` when it ended and nobody asked; undefined once gone. */
export function stateOf(pid: number): string | undefined {
  return statOf(pid)?.[0];
}

/** When the process started, in clock ticks since boot: tells it apart from a later one with the same pid. */
export function startOf(pid: number): string | undefined {
  return statOf(pid)?.[19];
}

export function isGone(pid: number): boolean {
  const state = stateOf(pid);
  return state === undefined || state === 'Z' || state === 'X';
}

/** Resident memory in MB, with the pages of the mapped store that were touched; undefined once gone. */
export function residentMb(pid: number): number | undefined {
  const status = unlessGone(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  const found = /^VmRSS:\s+(\d+)/m.exec(status ?? '');
  return found === null ? undefined : Number(found[1]) / 1024;
}

/** The `tandem wrap` that `dev` started for a model. */
export function wrapsOf(dev: number, model: string): number[] {
  return childrenOf(dev).filter((pid) => {
    const words = commandOf(pid).split('\0');
    return words.includes('wrap') && words[words.indexOf('--model') + 1] === model;
  });
}

/** The processes that host a model's predictor, one a replica. */
export function hostsOf(dev: number, model: string): number[] {
  return wrapsOf(dev, model)
    .flatMap(childrenOf)
    .filter((pid) => !isGone(pid));
}

/** Inodes of the sockets that a process has open. */
export function socketsOf(pid: number): string[] {
  const descriptors = unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return descriptors.flatMap((descriptor) => {
    const target = unlessGone(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? '';
    return /^socket:\[(\d+)\]$/.exec(target)?.slice(1) ?? [];
  });
}

/** Inodes of all sockets of this machine that somebody listens on: ports and Unix sockets. */
export function listeningSockets(): Set<string> {
  const fields = (name: string): string[][] =>
    readFileSync(`/proc/net/${name}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
  const ports = ['tcp', 'tcp6'].flatMap(fields).filter(([, , , state]) => state === '0A');
  // Flags 0x10000: __SO_ACCEPTCON.
  const unix = fields('unix').filter(([, , , flags]) => flags === '00010000');
  return new Set([...ports.map((line) => line[9]), ...unix.map((line) => line[6])]);
}

function commandOf(pid: number): string {
  return unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '';
}

function workingFolderOf(pid: number): string | undefined {
  return unlessGone(() => readlinkSync(`/proc/${pid}/cwd`));
}

/** Fields of /proc/PID/stat from `state` on; the command before it is in brackets and may hold brackets itself. */
function statOf(pid: number): string[] | undefined {
  const stat = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // EACCES: another user's, which is none of ours.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}
