import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { processTree } from './usage.ts';

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 15_000;

/** A process of a stack. `listening` is the JSON line that it prints once it can be called. */
export interface Child {
  readonly pid: number;
  readonly listening: Promise<Record<string, unknown>>;
  /** Aborted when the process has ended. */
  readonly gone: AbortSignal;
  stop(): Promise<void>;
}

const running = new Set<Child>();

// Whatever ends the bench (an error, Ctrl-C) ends what it started: by process id, with descendants.
process.once('exit', () => {
  for (const { pid } of running) killAll(pid);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts `node FILE ARGS…` with this same Node; what it writes to stderr is passed on. */
export function startChild(file: string, args: readonly string[] = []): Child {
  return startCommand(process.execPath, [file, ...args]);
}

/**
 * Starts a command in a group of its own, so that what it leaves behind can be found: on SIGTERM, LitServe ends and its
 * workers do not.
 */
export function startCommand(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Child {
  const name = `${path.basename(command)} ${args[0]}`;
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} did not start`);
  const exited = once(child, 'exit');
  const gone = new AbortController();
  const { promise: listening, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  const timer = setTimeout(() => {
    reject(new Error(`${name} did not say that it listens within ${START_TIMEOUT_MS} ms`));
  }, START_TIMEOUT_MS);
  // A process whose line nobody waits for may exit; whoever does await `listening` still gets the rejection.
  listening.catch(() => undefined).finally(() => clearTimeout(timer));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = parseEvent(line);
    if (event?.['event'] === 'listening') resolve(event);
  });

  const handle: Child = {
    pid,
    listening,
    gone: gone.signal,
    async stop() {
      const killer = setTimeout(() => killAll(pid), STOP_TIMEOUT_MS);
      kill(pid, 'SIGTERM');
      await exited;
      clearTimeout(killer);
    },
  };
  running.add(handle);
  child.once('exit', (code, signal) => {
    running.delete(handle);
    kill(-pid, 'SIGKILL');
    const error = new Error(`${name} exited with ${signal ?? code}`);
    reject(error);
    gone.abort(error);
  });
  return handle;
}

/** Ends everything that still runs, the last started first: a server before the model that it calls. */
export async function stopChildren(): Promise<void> {
  for (const child of [...running].toReversed()) await child.stop();
}

/** `host:port` of the HTTP front as the listening line names it, with or without a scheme. */
export function httpAddress(listening: Record<string, unknown>): string {
  const match = typeof listening['http'] === 'string' ? /([\w.]+|\[[\da-f:]+\]):\d+/.exec(listening['http']) : null;
  if (match === null) throw new Error(`no HTTP address in ${JSON.stringify(listening)}`);
  return match[0];
}

function parseEvent(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch (error) {
    // A log line that only looks like JSON is not the line that we wait for.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A process with its descendants, and its group: some of them may have lost the parent that led to it. */
function killAll(pid: number): void {
  for (const member of [...processTree(pid), -pid]) kill(member, 'SIGKILL');
}

/** A negative number is a group. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
