import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('./wrk.lua', import.meta.url));

/** What one load saw. wrk corrects its percentiles for coordinated omission, so one long pause becomes the p99. */
export interface LoadResult {
  requests: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers that the model did not give. */
  fallbacks: number;
}

/** The bodies of a load, one a line, and how they are sent. */
export interface Shots {
  bodiesFile: string;
  connections: number;
  /** Index of the body that is sent first; default 0. Beyond the last one it begins anew. */
  firstBody?: number;
  /** Fallbacks are configured, so they are counted. */
  mayFallBack: boolean;
}

interface Printed {
  requests: number;
  durationUs: number;
  p50Us: number;
  p99Us: number;
  refused: number;
  broken: number;
  fallbacks: number;
}

/** Sends the bodies round and round for `seconds`; rejects when any answer is not a 2xx or is missing. */
export async function runLoad(url: string, shots: Shots, seconds: number): Promise<LoadResult> {
  const args = ['-t1', `-c${shots.connections}`, `-d${seconds}s`, '-s', SCRIPT, url, '--', shots.bodiesFile];
  args.push(String(shots.firstBody ?? 0));
  if (shots.mayFallBack) args.push('fallbacks');
  const running = run('wrk', args);
  const end = () => running.child.kill();
  process.once('exit', end);
  const { stdout } = await running.finally(() => process.off('exit', end));
  const line = stdout.split('\n').findLast((text) => text.startsWith('{"requests"'));
  if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`);
  const { requests, durationUs, p50Us, p99Us, refused, broken, fallbacks } = JSON.parse(line) as Printed;
  if (refused > 0 || broken > 0 || requests === 0) {
    throw new Error(`of ${requests} answers under load ${refused} had an error status and ${broken} did not come`);
  }
  return {
    requests,
    requestsPerSecond: (requests * 1e6) / durationUs,
    p50Ms: p50Us / 1000,
    p99Ms: p99Us / 1000,
    fallbacks,
  };
}

/** Makes sure that `wrk` can be run: from the PATH, else by apt-get where we may, else an error that says how. */
export async function ensureWrk(): Promise<void> {
  if (await isWrkThere()) return;
  if (process.getuid?.() === 0) {
    await run('apt-get', ['install', '-y', 'wrk']).catch(async () => {
      await run('apt-get', ['update']);
      await run('apt-get', ['install', '-y', 'wrk']);
    });
  }
  if (!(await isWrkThere())) throw new Error('the bench needs wrk: sudo apt-get install wrk (macOS: brew install wrk)');
}

async function isWrkThere(): Promise<boolean> {
  try {
    await run('wrk', ['--version']);
    return true;
  } catch (error) {
    // `wrk --version` prints its usage and exits 1; only an absent command has the code ENOENT.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
