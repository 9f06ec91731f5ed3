import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../foundation/free-port.ts';
import { RedisProcess } from './redis-process.ts';

/** A redis-server of a test's own: on a free port of the loopback and a socket, in a folder that goes with it. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #options: readonly string[];
  readonly #process = new RedisProcess();
  #portOption = '--port';

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

  /** A server that may be a node of a cluster, whose bus has a port 10,000 above its own. It does not run yet. */
  static async prepareNode(...options: string[]): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-redis-'));
    let port = await freePort();
    while (port > 55_535 || !(await isFree(port + 10_000))) port = await freePort();
    return new RedisServer(port, folder, ['--cluster-enabled', 'yes', ...options]);
  }

  /** Such a one that speaks TLS alone on its port. */
  static async startTlsNode(...options: string[]): Promise<RedisServer> {
    const server = await RedisServer.prepareNode(...options);
    server.#portOption = '--tls-port';
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get socket(): string {
    return join(this.#folder, 'r.sock');
  }

  /** Resolves when it takes connections. */
  async run(): Promise<void> {
    const port = [this.#portOption, `${this.port}`, ...(this.#portOption === '--port' ? [] : ['--port', '0'])];
    const own = [...port, '--bind', '127.0.0.1', '--unixsocket', this.socket, '--dir', this.#folder];
    const options = [...own, '--save', '', '--appendonly', 'no', ...this.#options];
    await this.#process.run(options, /ready to accept connections/i);
  }

  /** Stops where it is: it answers nobody, and its kernel goes on taking connections. */
  pause(): void {
    this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  /** Ends it as a crash would; `run` begins a new one at the same address. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return isListening;
}
