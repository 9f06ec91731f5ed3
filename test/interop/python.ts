import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/interop/', import.meta.url));

/** Python of a virtual environment with the peers that a file beside this one pins; made once, again when the pins change. */
export async function ensurePython(requirements = 'requirements.txt'): Promise<string> {
  const file = fileURLToPath(new URL(requirements, import.meta.url));
  const pins = createHash('sha256').update(await readFile(file));
  const folder = join(CACHE, pins.digest('hex').slice(0, 12));
  const python = join(folder, 'bin', 'python');
  if (!(await exists(folder))) await install(folder, file);
  return python;
}

/** A folder that is there is complete: it gets its name last. `python -m` works in one that was moved. */
async function install(folder: string, requirements: string): Promise<void> {
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(CACHE, { recursive: true });
  await run('python3', ['-m', 'venv', partial]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements];
  await run(join(partial, 'bin', 'python'), pip);
  await rename(partial, folder);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Runs one of the scripts beside this file; what it prints is passed on. False when a check of it failed. */
export async function runChecks(python: string, script: string, args: readonly string[]): Promise<boolean> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  const child = execFile(python, [file, ...args])
    .on('error', reject)
    .on('exit', resolve);
  child.stdout?.pipe(process.stdout);
  child.stderr?.pipe(process.stderr);
  return (await ended) === 0;
}
