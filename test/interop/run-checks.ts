import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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
