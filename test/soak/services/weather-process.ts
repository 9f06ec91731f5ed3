import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ask } from '../../e2e/ask.ts';

const WEATHER = fileURLToPath(new URL('../../../examples/flights/weather.ts', import.meta.url));

/** What callers asked for since the last reset, as the service itself counts it. */
export interface WeatherCounts {
  lookup: { calls: number; keys: number };
  distinctKeys: number;
  mostOfOneKey: number;
}

/** The example's weather service as a process of its own, which can go away and come back at the same address. */
export class WeatherProcess implements AsyncDisposable {
  #child: ChildProcess;
  readonly #at: string;

  private constructor(child: ChildProcess, at: string) {
    this.#child = child;
    this.#at = at;
  }

  static async open(): Promise<WeatherProcess> {
    const child = start('0');
    return new WeatherProcess(child, await listening(child));
  }

  get url(): string {
    return `http://${this.#at}`;
  }

  /** Makes it do wrong, as `POST /fault` names it; null mends it. */
  async fault(fault: string | null, more: { ms?: number; share?: number } = {}): Promise<void> {
    const { status, text } = await ask(this.#at, { path: '/fault', body: { fault, ...more } });
    if (status !== 200) throw new Error(`the weather service: ${text}`);
  }

  async counts(): Promise<WeatherCounts> {
    return (await ask(this.#at, { path: '/counts' })).json as unknown as WeatherCounts;
  }

  async resetCounts(): Promise<void> {
    await ask(this.#at, { path: '/counts:reset', method: 'POST' });
  }

  /** Ends the process: nothing listens at its address any more. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  /** Resolves once it listens again. */
  async restart(): Promise<void> {
    this.#child = start(this.#at.slice(this.#at.lastIndexOf(':') + 1));
    await listening(this.#child);
  }

  /** Takes all CPU from the process: connections are made, and nothing is answered. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }
}

function start(port: string): ChildProcess {
  return spawn(process.execPath, [WEATHER, '--port', port], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** `host:port`. */
async function listening(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(() => '');
  const line = once(createInterface(child.stdout!), 'line').then(([text]) => text as string);
  const first = await Promise.race([line, ended]);
  if (first === '') throw new Error('the weather service ended before it listened');
  return (JSON.parse(first) as { http: string }).http;
}
