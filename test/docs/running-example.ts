import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './markdown.ts';

/** The example as the README's first command starts it, on free ports and with a state folder of its own. */
export interface RunningExample {
  /** `host:port` */
  http: string;
  admin: string;
  stateDir: string;
  /** With where the example's service runs: for commands beside it. */
  environment: NodeJS.ProcessEnv;
  /** A folder for what commands write. */
  outDir: string;
  /** The line that it printed to paste. */
  curl: string;
  /** From the start to that line. */
  readyMs: number;
  /** Resolves once all of its processes have ended. */
  stop(): Promise<void>;
}

export async function startExample(): Promise<RunningExample> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-docs-'));
  const stateDir = join(folder, 'state');
  const startedMs = performance.now();
  const flags = ['--port', '0', '--admin-port', '0', '--state-dir', stateDir];
  // A process group of its own: a terminal's Ctrl-C reaches npm, Tandem and the wrapper alike, and so does `stop`.
  const npm = spawn('npm', ['start', '--silent', '--', ...flags], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(npm, 'close');
  const listening = firstMatch(npm.stdout, /^\{"event":"listening".*\}$/);
  const line = firstMatch(npm.stderr, /^ {2}curl .*$/);
  const stop = async (): Promise<void> => {
    process.kill(-npm.pid!, 'SIGTERM');
    await ended; // when the last of the group has closed the output that all of them share
    await rm(folder, { recursive: true });
  };
  const early = ended.then(([code]) => Promise.reject(new Error(`npm start ended with ${code}`)));
  const [told, curl] = await Promise.race([Promise.all([listening, line]), early]);
  const readyMs = performance.now() - startedMs;
  early.catch(() => undefined); // it ends as it should, later
  const { http, admin, services } = JSON.parse(told) as { http: string; admin: string; services: { weather: string } };
  const environment = { ...process.env, WEATHER_URL: services.weather };
  return { http, admin, stateDir, environment, outDir: folder, curl: curl.trim(), readyMs, stop };
}

function firstMatch(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  createInterface({ input: stream }).on('line', (line) => {
    if (pattern.test(line)) resolve(line);
  });
  return promise;
}
