import { readdirSync, readFileSync } from 'node:fs';

/** A process's children, whichever of its threads started them; none once it is gone. */
function childrenOf(pid: number): number[] {
  const tasks = unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  return tasks.flatMap((task) => {
    const children = unlessGone(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')) ?? '';
    return children.split(' ').filter(Boolean).map(Number);
  });
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

/** Resident memory in MB, with the pages of the mapped store that were touched. */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** The process that hosts the predictor: the one child of the one `tandem wrap` that `dev` started. */
export function hostOf(dev: number): number | undefined {
  const wrap = childrenOf(dev).find((pid) => {
    const command = unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '';
    return command.split('\0').includes('wrap');
  });
  return wrap === undefined ? undefined : childrenOf(wrap).find((pid) => !isGone(pid));
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
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
