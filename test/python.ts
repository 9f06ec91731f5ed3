import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../.cache/python/', import.meta.url));

/**
 * Python of a virtual environment with what a file pins; made once, and again when the pins change. Without a file it is
 * what `tandem_wrapper` needs.
 */
export async function ensurePython(
  requirements = new URL('../wrapper/python/requirements.lock', import.meta.url),
): Promise<string> {
  const file = fileURLToPath(requirements);
  const pins = createHash('sha256').update(await readFile(file));
  const folder = join(CACHE, pins.digest('hex').slice(0, 12));
  if (!(await exists(folder))) await install(folder, file);
  return join(folder, 'bin', 'python');
}

/**
 * A folder that is there is complete: it gets its name last, and of two that are made at once the first stays. `python -m`
 * works in one that was moved.
 */
async function install(folder: string, requirements: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    await run('python3', ['-m', 'venv', partial]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirements];
    await run(join(partial, 'bin', 'python'), pip);
    await rename(partial, folder);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(folder))) throw cause;
  }
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
