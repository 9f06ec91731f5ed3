import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ask } from './ask.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** A running `tandem serve`, and what the system knows of its process. */
export interface ServeProcess {
  /** `host:port` */
  http: string;
  admin: string;
  /** Resolves with the next line of stderr that matches; lines that came before are not looked at. */
  logged(pattern: RegExp): Promise<string>;
  /** All of stderr. */
  readonly log: string;
  /** Open descriptors, and the folders that it watches. */
  descriptors(): number;
  watches(): number;
  /** Of the JavaScript heap after a full collection: what something still holds. */
  liveHeapMb(): Promise<number>;
  metric(series: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it on the ports of the file, once it listens. */
export async function startServe(file: string, ...flags: string[]): Promise<ServeProcess> {
  const args = ['--inspect=127.0.0.1:0', MAIN, 'serve', file, ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const waiting = new Set<{ pattern: RegExp; resolve: (line: string) => void }>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    for (const each of waiting) {
      if (!each.pattern.test(line)) continue;
      waiting.delete(each);
      each.resolve(line);
    }
  });
  const first = once(createInterface(child.stdout), 'line').then(([line]) => line as string);
  const line = await Promise.race([first, exited.then(() => '')]);
  if (line === '') throw new Error(`tandem serve ended:\n${lines.join('\n')}`);
  const { http, admin } = JSON.parse(line) as { http: string; admin: string };
  const proc = `/proc/${child.pid}`;
  return {
    http,
    admin,
    logged: (pattern) => new Promise((resolve) => waiting.add({ pattern, resolve })),
    get log() {
      return lines.join('\n');
    },
    descriptors: () => readdirSync(`${proc}/fd`).length,
    watches: () =>
      readdirSync(`${proc}/fdinfo`)
        .map((fd) => watchesOf(`${proc}/fdinfo/${fd}`))
        .reduce((sum, count) => sum + count, 0),
    liveHeapMb: () => liveHeapMb(/^Debugger listening on (\S+)$/m.exec(lines.join('\n'))![1]),
    async metric(series) {
      const { text } = await ask(admin, { path: '/metrics' });
      return Number(
        text
          .split('\n')
          .find((each) => each.startsWith(`${series} `))
          ?.slice(series.length + 1) ?? 'NaN',
      );
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Of one descriptor, which may have been closed since it was listed. */
function watchesOf(fdinfo: string): number {
  try {
    return readFileSync(fdinfo, 'utf8').match(/^inotify wd:/gm)?.length ?? 0;
  } catch {
    return 0;
  }
}

/** Asks a process by its inspector to collect, and what is left then. */
async function liveHeapMb(inspector: string): Promise<number> {
  const socket = new WebSocket(inspector);
  await once(socket, 'open');
  const call = async (id: number, method: string, params: object = {}): Promise<unknown> => {
    socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const [{ data }] = (await once(socket, 'message')) as [{ data: string }];
      const answer = JSON.parse(data) as { id?: number; result?: unknown };
      if (answer.id === id) return answer.result;
    }
  };
  await call(1, 'HeapProfiler.collectGarbage');
  const used = await call(2, 'Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed' });
  socket.close();
  await once(socket, 'close');
  return (used as { result: { value: number } }).result.value / 1024 ** 2;
}
