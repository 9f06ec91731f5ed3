import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, the unit of the times in /proc/PID/stat: 100 on every Linux that Node runs on. */
const MICROSECONDS_PER_TICK = 10_000;

/** What a process and its descendants have used: all their threads since they began, and their memory now. */
export interface Usage {
  cpuUs: number;
  /** Resident memory, with the pages of a mapped store that were touched. */
  residentBytes: number;
}

/** The process and its descendants: `tandem wrap` is a supervisor whose child does the work. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const stat = /^\d+$/.test(entry) ? readStat(Number(entry)) : undefined;
    if (stat !== undefined) parents.set(Number(entry), Number(stat[1]));
  }
  const tree = [root];
  for (const parent of tree) {
    for (const [child, itsParent] of parents) if (itsParent === parent) tree.push(child);
  }
  return tree;
}

export function usageOf(root: number): Usage {
  const total: Usage = { cpuUs: 0, residentBytes: 0 };
  for (const pid of processTree(root)) {
    const stat = readStat(pid);
    if (stat === undefined) continue;
    total.cpuUs += (Number(stat[11]) + Number(stat[12])) * MICROSECONDS_PER_TICK;
    total.residentBytes += residentBytes(pid);
  }
  return total;
}

/** Fields of /proc/PID/stat from `state` (field 3 of proc(5)) on; undefined once the process is gone. */
function readStat(pid: number): string[] | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  // The command before it is in brackets and may hold spaces and brackets itself.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ENOENT before the file is open, ESRCH when the process ends between open and read.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
