import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

interface LoadedEvent {
  event: 'loaded';
  model: string;
  version: string;
  address: string;
  pid: number;
}

/** A running `tandem wrap`. */
export interface Wrap {
  pid: number;
  /** The next `loaded` event that was not taken yet. */
  loaded(): Promise<LoadedEvent>;
  /** Resolves once a line of stderr matches, also one that was written before. */
  logged(pattern: RegExp): Promise<string>;
  /** All of stderr so far. */
  readonly log: string;
  kill(signal: NodeJS.Signals): void;
  /** Settles when it has ended, and its child too: both hold its stderr. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** A temporary folder with a tandem.yaml; `close` ends what was started in it and removes it. */
export interface Project {
  folder: string;
  write(name: string, text: string | Uint8Array): Promise<void>;
  wrap(...flags: string[]): Wrap;
  close(): Promise<void>;
}

export interface ProjectOptions {
  /** Lines under `wrapper:` beside the predictor. */
  wrapper?: string;
  predictor?: string;
  yaml?: string;
}

export function tandemYaml({ wrapper = '', predictor = './predictor.ts' }: ProjectOptions): string {
  return `version: 1
project: test
inputs: { instance: { a: double, b: double } }
models:
  m:
    features: [{ name: a, from: instance.a }, { name: b, from: instance.b }]
    wrapper: { predictor: ${predictor}${wrapper === '' ? '' : `, ${wrapper}`} }
server: { stateDir: state, drain: { timeout: 5s } }
`;
}

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export async function openProject(source: string, options: ProjectOptions = {}): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-'));
  const write = (name: string, text: string | Uint8Array) => writeFile(join(folder, name), text);
  await write('tandem.yaml', options.yaml ?? tandemYaml(options));
  await write('predictor.ts', source);
  const running = new Set<Wrap>();
  return {
    folder,
    write,
    wrap(...flags) {
      const wrap = startWrap(join(folder, 'tandem.yaml'), flags);
      running.add(wrap);
      return wrap;
    },
    async close() {
      for (const wrap of running) wrap.kill('SIGKILL');
      await Promise.all([...running].map(({ exited }) => exited));
      await rm(folder, { recursive: true });
    },
  };
}

function startWrap(file: string, flags: string[]): Wrap {
  const child = spawn(process.execPath, [MAIN, 'wrap', file, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const events: LoadedEvent[] = [];
  const waitingForEvent: ((event: LoadedEvent) => void)[] = [];
  createInterface(child.stdout).on('line', (line) => {
    const event = JSON.parse(line) as LoadedEvent;
    const take = waitingForEvent.shift();
    if (take) take(event);
    else events.push(event);
  });
  let log = '';
  const looks = new Set<() => void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
    for (const look of looks) look();
  });
  return {
    pid: child.pid as number,
    loaded() {
      const event = events.shift();
      return event ? Promise.resolve(event) : new Promise((resolve) => waitingForEvent.push(resolve));
    },
    logged: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          const line = log.split('\n').find((candidate) => pattern.test(candidate));
          if (line === undefined) return;
          looks.delete(look);
          resolve(line);
        };
        looks.add(look);
        look();
      }),
    get log() {
      return log;
    },
    kill: (signal) => void child.kill(signal),
    exited: once(child, 'close').then(([code, signal]) => ({ code, signal })),
  };
}
