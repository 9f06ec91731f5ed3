import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const TANDEM = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
/** The last of what it logged, shown when it does not start. */
const KEPT_LOG_LINES = 20;

/** A running `tandem dev`: the orchestrator in process `pid`, its wrappers as children. */
export interface Dev {
  pid: number;
  /** `http://host:port` */
  http: string;
  admin: string;
  /** Where its services run, as the YAML reads it: `WEATHER_URL`. */
  environment: Record<string, string>;
  /** Aborted when the process has ended, for whatever reason. */
  gone: AbortSignal;
  stop(): Promise<void>;
}

export interface DevOptions {
  /** YAML files laid over its own, in turn. Default: none. */
  overlays?: readonly string[];
  /** Beside the test's own. Default: none. */
  environment?: Readonly<Record<string, string>>;
  /** Where it and all that it starts work. Default: as the test. */
  cwd?: string;
  /** True: it leads a process group of its own, as the command of a terminal does, so that Ctrl-C can be sent to all of it. */
  isGroup?: boolean;
}

/** Starts `tandem dev FILE` on free ports with its state in `stateDir`; resolves once it says that it is ready. */
export async function startDev(
  file: string,
  stateDir: string,
  { overlays = [], environment: more = {}, cwd = process.cwd(), isGroup = false }: DevOptions = {},
): Promise<Dev> {
  const args = [TANDEM, 'dev', file, '--port', '0', '--admin-port', '0', '--state-dir', stateDir];
  const child = spawn(process.execPath, [...args, ...overlays.flatMap((overlay) => ['-f', overlay])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...more },
    cwd,
    detached: isGroup,
  });
  const gone = new AbortController();
  child.once('exit', (code, signal) => gone.abort(new Error(`tandem dev exited with ${signal ?? code}`)));
  const log = keepLog(child);
  try {
    const { http, admin, services } = await untilReady(child, gone.signal);
    const environment = Object.fromEntries(
      Object.entries(services).map(([name, url]) => [`${name.toUpperCase()}_URL`, url]),
    );
    const stop = async (): Promise<void> => {
      if (gone.signal.aborted) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    };
    const addresses = { http: `http://${http}`, admin: `http://${admin}`, environment };
    return { pid: child.pid as number, ...addresses, gone: gone.signal, stop };
  } catch (cause) {
    child.kill('SIGTERM');
    throw new Error(`tandem dev did not start:\n${log.join('\n')}`, { cause });
  }
}

interface Listening {
  http: string;
  admin: string;
  services: Record<string, string>;
}

async function untilReady(child: ChildProcess, gone: AbortSignal): Promise<Listening> {
  const ready = Promise.withResolvers<Listening>();
  gone.addEventListener('abort', () => ready.reject(gone.reason), { once: true });
  let addresses: Listening | undefined;
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const event = JSON.parse(line) as Listening & { event: string };
    if (event.event === 'listening') addresses = event;
    if (event.event === 'ready' && addresses !== undefined) ready.resolve(addresses);
  });
  return ready.promise;
}

function keepLog(child: ChildProcess): string[] {
  const kept: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    kept.push(line);
    if (kept.length > KEPT_LOG_LINES) kept.shift();
  });
  return kept;
}
