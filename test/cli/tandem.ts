import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Stripping the types of all modules is two thirds of a short command's time; Node keeps what it compiled. */
const ENVIRONMENT = { ...process.env, NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/tandem') };

export interface Ran {
  exit: number | null;
  out: string;
  err: string;
}

/** `tandem ARGS` from the repository's root, as a user runs it, to its end. */
export async function tandem(...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, ['cli/main.ts', ...args], {
    cwd: ROOT,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [exit]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { exit, out, err };
}

export interface Running {
  /** What it printed first: one JSON line. */
  listening: { event: string; http: string; grpc: null; admin: string };
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code. */
  exited: Promise<number | null>;
}

/** A server of the command line; resolves once it listens. */
export async function startTandem(...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, ['cli/main.ts', ...args], {
    cwd: ROOT,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const line = once(createInterface(child.stdout), 'line') as Promise<[string]>;
  const first = await Promise.race([line, exited.then(() => ['{}'] as const)]);
  return {
    listening: JSON.parse(first[0]) as Running['listening'],
    kill: (signal) => void child.kill(signal),
    exited,
  };
}
