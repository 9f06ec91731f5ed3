import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../foundation/free-port.ts';
import { findRedis } from './find-redis.ts';

/** A redis-server of a test's own: on a free port of the loopback and a socket, in a folder that goes with it. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #options: readonly string[];
  #portOption = '--port';
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, options: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  /** `options` as on its command line: `--requirepass`, `secret`. */
  static async start(...options: string[]): Promise<RedisServer> {
    const server = await RedisServer.prepare(...options);
    await server.run();
    return server;
  }

  /** One that speaks TLS alone on its port. */
  static async startTls(...options: string[]): Promise<RedisServer> {
    const server = await RedisServer.prepare(...options);
    server.#portOption = '--tls-port';
    await server.run();
    return server;
  }

  /** A server that does not run yet, though its address is known. */
  static async prepare(...options: string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-redis-'));
    return new RedisServer(await freePort(), folder, options);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get socket(): string {
    return join(this.#folder, 'r.sock');
  }

  /** Resolves when it takes connections. */
  async run(): Promise<void> {
    const program = await findRedis();
    const port = [this.#portOption, `${this.port}`, ...(this.#portOption === '--port' ? [] : ['--port', '0'])];
    const own = [...port, '--bind', '127.0.0.1', '--unixsocket', this.socket, '--dir', this.#folder];
    const child = spawn(program, [...own, '--save', '', '--appendonly', 'no', ...this.#options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (!/ready to accept connections/i.test(line)) continue;
      child.stdout.resume();
      return;
    }
    throw new Error(`redis-server did not start:\n${lines.join('\n')}`);
  }

  /** Stops where it is: it answers nobody, and its kernel goes on taking connections. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends it as a crash would; `run` begins a new one at the same address. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
