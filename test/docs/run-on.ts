import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';

/** A command that a page leaves running in a terminal. */
export interface RunningOn {
  /** Resolves once a line has `text`: one that came after the line that was waited for before. */
  until(text: string): Promise<void>;
  /** The first group of `pattern` in what it has said so far. */
  heard(pattern: RegExp): string | undefined;
  /** Ctrl-C; resolves when all that it started has ended. */
  interrupt(): Promise<void>;
}

export function runOn(command: string, { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }): RunningOn {
  // A process group of its own, as a terminal gives it: Ctrl-C reaches all of it.
  const child = spawn('bash', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const events = new EventEmitter<{ line: [] }>();
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      events.emit('line');
    });
  }
  let isClosed = false;
  child.once('close', () => {
    isClosed = true;
    events.emit('line'); // whoever waits for a line looks once more
  });
  let from = 0;
  return {
    async until(text) {
      for (;;) {
        const at = lines.findIndex((line, index) => index >= from && line.includes(text));
        if (at >= 0) {
          from = at + 1;
          return;
        }
        if (isClosed) throw new Error(`${command} ended without saying ${text}:\n${lines.join('\n')}`);
        await once(events, 'line');
      }
    },
    heard: (pattern) => pattern.exec(lines.join('\n'))?.[1],
    async interrupt() {
      if (isClosed) return;
      process.kill(-child.pid!, 'SIGINT');
      await once(child, 'close');
    },
  };
}
