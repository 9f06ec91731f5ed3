import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { replicaTarget, socketsOf as unixSockets, wrapperTarget } from '../../foundation/socket-path.ts';
import { isGone, listeningSockets, processesOf, socketsOf, startOf, treeOf } from './processes.ts';

/** What a `tandem dev` has while it runs, to be looked for when it has ended. */
export interface Holdings {
  folder: string;
  stateDir: string;
  /** Processes, with when each began: a later one may get the same pid. */
  processes: ReadonlyMap<number, string | undefined>;
  /** Inodes of ports and Unix sockets that somebody listens on. */
  listening: readonly string[];
  /** Socket files. */
  files: readonly string[];
}

export interface LeftOver {
  processes: number;
  listening: number;
  files: number;
}

/** `dev` is its pid; its project works in `folder`, with its state in `stateDir`. */
export function holdingsOf(
  dev: number,
  folder: string,
  stateDir: string,
  models: readonly string[],
  replicas: number,
): Holdings {
  const pids = treeOf(dev);
  const listening = listeningSockets();
  return {
    folder,
    stateDir,
    processes: new Map(pids.map((pid) => [pid, startOf(pid)])),
    listening: pids.flatMap(socketsOf).filter((inode) => listening.has(inode)),
    files: models.flatMap((model) => socketFiles(model, stateDir, replicas)),
  };
}

/** What of it is there still, or has come since. */
export function leftOf({ folder, stateDir, processes, listening, files }: Holdings): LeftOver {
  const alive = [...processes].filter(([pid, start]) => !isGone(pid) && startOf(pid) === start).map(([pid]) => pid);
  const now = listeningSockets();
  const inState = readdirSync(stateDir).map((name) => join(stateDir, name));
  return {
    processes: new Set([...alive, ...processesOf(folder)]).size,
    listening: listening.filter((inode) => now.has(inode)).length,
    files: new Set([...files.filter(existsSync), ...inState.filter((file) => /\.sock(?:\.frames)?$/.test(file))]).size,
  };
}

/** In the state folder, or in the temp folder where that name is too long. */
function socketFiles(model: string, stateDir: string, replicas: number): string[] {
  const target = wrapperTarget(model, undefined, stateDir);
  return Array.from({ length: replicas }, (_, replica) => unixSockets(replicaTarget(target, replica))).flat();
}
