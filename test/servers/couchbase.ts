import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { freePort } from '../../foundation/free-port.ts';
import { findCouchbaseMock } from './find-couchbase-mock.ts';
import { Relay } from './relay.ts';

const JAVA = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** `-c` makes it tell its map of the cluster over the key-value port, without which no client of today gets in. */
const CLUSTER = ['-c', '-h', '127.0.0.1', '-p', '0', '-n', '3', '-R', '1', '-v', '64', '-b', 'default:'];
const NODES = [0, 1, 2];

/**
 * A Couchbase cluster of a test's own: CouchbaseMock, three nodes in one process that speak the key-value protocol,
 * each row on one of them with a replica on another. Its ports are new whenever it starts, as pods' addresses are, so
 * clients begin at a port that stays and leads to one of them; the map that they get there names the others.
 */
export class CouchbaseServer {
  static readonly bucket = 'default';
  static readonly username = 'Administrator';
  static readonly password = 'password';

  readonly #port: number;
  #process: ChildProcess | undefined;
  #control: Control | undefined;
  #relay: Relay | undefined;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(): Promise<CouchbaseServer> {
    const server = await CouchbaseServer.prepare();
    await server.run();
    return server;
  }

  /** A server that does not run yet, though its address is known. */
  static async prepare(): Promise<CouchbaseServer> {
    return new CouchbaseServer(await freePort());
  }

  get url(): string {
    return `couchbase://127.0.0.1:${this.#port}`;
  }

  /** Resolves when it takes connections. */
  async run(): Promise<void> {
    const jar = await findCouchbaseMock();
    const monitor = createServer().listen(0, '127.0.0.1');
    await once(monitor, 'listening');
    const { port } = monitor.address() as AddressInfo;
    const child = spawn('java', [...JAVA, '-jar', jar, ...CLUSTER, '--harakiri-monitor', `127.0.0.1:${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    // It writes a trace for each client that breaks off, which tests make many do.
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
    });
    const [first] = (await Promise.race([once(monitor, 'connection'), once(child, 'exit')])) as [Socket | number];
    monitor.close();
    if (typeof first === 'number') throw new Error(`CouchbaseMock did not start:\n${said}`);
    this.#control = new Control(first);
    await this.#control.started;
    const [node] = (await this.#control.command('get_mcports')) as [number];
    this.#relay = await Relay.open(this.#port, node);
  }

  /** Makes documents as much older as to have lived so many seconds more. */
  async travel(seconds: number): Promise<void> {
    await this.#control?.command('time_travel', { Offset: seconds });
  }

  /** One of the three nodes answers nobody from now on, and nobody is told: its rows are where they were. */
  async silence(node: number): Promise<void> {
    await this.#control?.command('failover', { idx: node, rebalance: false });
  }

  /** Notes from now on what the nodes are asked. */
  async watch(): Promise<void> {
    for (const idx of NODES) await this.#control?.command('start_cmdlog', { idx });
  }

  /** How often they were asked by this code of the protocol since `watch`. */
  async timesAsked(opcode: number): Promise<number> {
    let times = 0;
    for (const idx of NODES) {
      const asked = (await this.#control?.command('get_cmdlog', { idx })) as { opcode: number }[];
      times += asked.filter((entry) => entry.opcode === opcode).length;
    }
    return times;
  }

  /** Clients that came by the URL and are there. */
  get clients(): number {
    return this.#relay?.clients ?? 0;
  }

  /** All nodes stop where they are: they answer nobody, and their kernel goes on taking connections. */
  async pause(): Promise<void> {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('CouchbaseMock does not run.');
    process.kill(pid, 'SIGSTOP');
    while (!(await isStopped(pid))) await setImmediate();
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends it as a crash would; `run` begins a new one, empty, at the same address. */
  async kill(): Promise<void> {
    const child = this.#process;
    const relay = this.#relay;
    this.#process = undefined;
    this.#relay = undefined;
    await relay?.close();
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Each thread of a process stops for itself, and may answer until it has. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  // A thread that has just ended has no state: whoever asks, asks again.
  const states = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => ''));
  return (await Promise.all(states)).every((state) => /\) T /.test(state));
}

/** The socket by which the mock is told what to do. It ends itself when the socket does. */
class Control {
  /** Resolves when the mock serves. */
  readonly started: Promise<void>;
  readonly #socket: Socket;
  readonly #waiting: ((answer: string) => void)[] = [];
  #text = '';

  constructor(socket: Socket) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.started = promise;
    this.#socket = socket;
    socket.setEncoding('utf8');
    // Killed, it takes its socket with it.
    socket.on('error', () => socket.destroy());
    socket.on('data', (text: string) => {
      // The port of its REST interface and a NUL come first, then a line for each command.
      const lines = (this.#text + text).split(/[\0\n]/);
      this.#text = lines.pop() ?? '';
      for (const line of lines) {
        if (/^\d+$/.test(line)) resolve();
        else this.#waiting.shift()?.(line);
      }
    });
  }

  async command(command: string, payload: Record<string, unknown> = {}): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.push(resolve);
    this.#socket.write(`${JSON.stringify({ command, payload })}\n`);
    const answer = JSON.parse(await promise) as { status: string; error?: string; payload?: unknown };
    if (answer.status !== 'ok') throw new Error(`CouchbaseMock refused ${command}: ${answer.error}`);
    return answer.payload;
  }
}
