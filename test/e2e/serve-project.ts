import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import type { LoadResult } from '../../config/checked.ts';
import { loadConfig } from '../../config/load.ts';
import { startApp, type App } from '../../orchestrator/app.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** A folder with these files, removed at the end. */
export async function projectFolder(files: Record<string, string>): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-'));
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

export interface LogLine {
  level: number;
  msg: string;
  code?: string;
  [name: string]: unknown;
}

/** The app of a project's tandem.yaml on free ports, in this process; its log is kept instead of written. */
export async function serveProject(
  folder: string,
  { port = 0 }: { port?: number } = {},
): Promise<{ app: App; log: LogLine[] }> {
  const load = (): LoadResult => loadConfig(join(folder, 'tandem.yaml'), {});
  const { checked, problems } = load();
  if (!checked) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const log: LogLine[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void log.push(JSON.parse(line) as LogLine) });
  const app = await startApp({ checked, logger, load, port, adminPort: 0 });
  return { app, log };
}

export interface Wrapper {
  /** SIGKILL: as if the machine had taken it away. Its child ends with it. */
  kill(): Promise<void>;
}

/** `tandem wrap` as a process of its own; resolves once the model is loaded. */
export async function wrapProject(folder: string, yaml = 'tandem.yaml'): Promise<Wrapper> {
  const child = spawn(process.execPath, [MAIN, 'wrap', join(folder, yaml)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const loaded = once(createInterface(child.stdout), 'line');
  await Promise.race([loaded, exited.then(() => Promise.reject(new Error('The wrapper ended.')))]);
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
