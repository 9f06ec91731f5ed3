import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { connectError } from '../foundation/connect-error.ts';
import { AppError } from '../foundation/errors.ts';

/**
 * Makes room for a socket at `path`: its folder is there, and what a killed process left is gone.
 * @throws AppError NOT_READY where a process listens on it, or the path is something else than a socket.
 */
export async function clearSocket(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const found = await find(path);
  if (found === undefined) return;
  if (!found.isSocket()) throw new AppError('NOT_READY', `The wrapper's address ${path} is there, and is no socket.`);
  if (await isLive(path)) {
    throw new AppError('NOT_READY', `Another process listens on ${path}; is this model's wrapper running already?`);
  }
  await unlink(path);
}

/** Removes the socket that a killed process left at `path`; one on which somebody listens stays, as does any other file. */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await find(path);
  if (found?.isSocket() === true && !(await isLive(path))) await rm(path, { force: true });
}

async function find(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** The file of a socket outlives its process, and nobody accepts on it: only connecting tells. */
async function isLive(path: string): Promise<boolean> {
  const error = await connectError(path);
  // EAGAIN: its backlog is full, so it has one.
  if (error === undefined || error.code === 'EAGAIN') return true;
  if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') return false;
  throw error;
}

/**
 * Runs `bind` so that the socket it makes at `path` has the permissions `mode` from its first moment: a chmod alone
 * would leave it open to others until then.
 */
export async function withSocketMode<T>(path: string, mode: number, bind: () => Promise<T>): Promise<T> {
  const before = process.umask(0o777 & ~mode);
  try {
    const bound = await bind();
    await chmod(path, mode);
    return bound;
  } finally {
    process.umask(before);
  }
}
