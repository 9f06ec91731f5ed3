import type { ChildProcess } from 'node:child_process';
import { socketsOf } from '../foundation/socket-path.ts';
import type { Logger } from '../foundation/telemetry/logger.ts';
import { startHostProcess, type HostProcess } from './host-process.ts';
import type { HostSpec } from './host-spec.ts';
import { removeStaleSocket } from './socket.ts';
import { heartbeatMs } from './supervision.ts';

const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5000;
/** A child that has been loaded for so long and then ends is started again at the shortest backoff. */
const HEALTHY_MS = 1000;
/** A child is not held against `hangAfter` before it has said a word: it is reading its modules. */
const STARTING_MS = 10_000;
/** What a child gets beyond its drain before it is killed. */
const KILL_GRACE_MS = 1000;

export interface SupervisorOptions {
  spec: HostSpec;
  log: Logger;
  clock: () => number;
  /** Called each time that a child has loaded the model. */
  onLoaded: (loaded: { version: string; pid: number; address: string }) => void;
  /** Called each time that a child has ended which was not told to; the next one follows. Default: nobody is told. */
  onEnded?: () => void;
}

/**
 * Keeps one child running that hosts the model. It never touches a request: whatever a predictor does to its process,
 * the supervisor is there to start the next.
 */
export class Supervisor {
  #spec: HostSpec;
  readonly #log: Logger;
  readonly #clock: () => number;
  readonly #onLoaded: SupervisorOptions['onLoaded'];
  readonly #onEnded: () => void;
  #child: ChildProcess | undefined;
  #backoffMs = FIRST_BACKOFF_MS;
  #restart: NodeJS.Timeout | undefined;
  #stopped: (() => void) | undefined;
  #isRestarting = false;

  constructor(options: SupervisorOptions) {
    this.#spec = options.spec;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#onLoaded = options.onLoaded;
    this.#onEnded = options.onEnded ?? (() => undefined);
  }

  start(): void {
    const { child, reports } = startHostProcess(this.#spec);
    this.#child = child;
    reports.on('problem', (error) =>
      this.#log.warn({ err: error }, 'The process of the model ended before it was told what to do'),
    );
    const watch = this.#watch({ child, reports });
    child.once('error', (error) => this.#log.error({ err: error }, 'The process of the model cannot be started'));
    child.once('close', (code, signal) => {
      const { loadedMs } = watch.end();
      this.#ended(child, code, signal, loadedMs);
    });
  }

  /** Ends the child at once, calls in flight or not, and starts the next as `spec` says. */
  restart(spec: HostSpec): void {
    this.#spec = spec;
    this.#backoffMs = FIRST_BACKOFF_MS;
    clearTimeout(this.#restart);
    if (this.#child === undefined) {
      this.start();
      return;
    }
    this.#isRestarting = true;
    this.#child.kill('SIGKILL');
  }

  /** Asks the child to drain, and kills it when it does not end in its time. Resolves when it and its socket are gone. */
  async stop(): Promise<void> {
    clearTimeout(this.#restart);
    if (this.#child !== undefined) await this.#drain(this.#child);
    for (const socket of socketsOf(this.#spec.target)) await removeStaleSocket(socket);
  }

  /** Ends the child at once, whatever it does: for a supervisor that ends itself. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async #drain(child: ChildProcess): Promise<void> {
    const gone = new Promise<void>((resolve) => (this.#stopped = resolve));
    child.kill('SIGTERM');
    const kill = setTimeout(() => {
      this.#log.warn({ model: this.#spec.model }, 'The process of the model did not end in its time and is killed');
      child.kill('SIGKILL');
    }, this.#spec.drainTimeoutMs + KILL_GRACE_MS);
    await gone;
    clearTimeout(kill);
  }

  /** Reads what the child says, and kills it when it has said nothing for `hangAfter`. */
  #watch({ child, reports }: HostProcess): { end: () => { loadedMs: number | undefined } } {
    const { hangAfterMs, model, target: address } = this.#spec;
    const intervalMs = heartbeatMs(hangAfterMs);
    let limitMs = Math.max(hangAfterMs, STARTING_MS);
    let heardMs = this.#clock();
    let lookedMs = heardMs;
    let loadedMs: number | undefined;
    reports.on('report', (report) => {
      heardMs = this.#clock();
      limitMs = hangAfterMs;
      if (report.kind === 'heartbeat') return;
      loadedMs = heardMs;
      this.#onLoaded({ version: report.version, pid: child.pid as number, address });
    });
    const look = setInterval(() => {
      const nowMs = this.#clock();
      // A machine that slept, or a stopped supervisor, has missed the heartbeats itself.
      if (nowMs - lookedMs > intervalMs * 2) heardMs = nowMs;
      lookedMs = nowMs;
      if (nowMs - heardMs <= limitMs) return;
      heardMs = nowMs;
      this.#log.error(
        { model, pid: child.pid },
        `The process of the model gave no heartbeat for ${limitMs} ms and is killed: something in it blocks the event loop (a \`load\` that needs longer asks for a higher wrapper.hangAfter)`,
      );
      child.kill('SIGKILL');
    }, intervalMs);
    return {
      end: () => {
        clearInterval(look);
        return { loadedMs };
      },
    };
  }

  #ended(child: ChildProcess, code: number | null, signal: string | null, loadedMs: number | undefined): void {
    this.#child = undefined;
    if (this.#stopped) {
      this.#stopped();
      return;
    }
    if (this.#isRestarting) {
      this.#isRestarting = false;
      this.start();
      return;
    }
    if (loadedMs !== undefined && this.#clock() - loadedMs >= HEALTHY_MS) this.#backoffMs = FIRST_BACKOFF_MS;
    const backoffMs = this.#backoffMs;
    this.#backoffMs = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2);
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    this.#log.warn(
      { model: this.#spec.model, pid: child.pid, code, signal },
      `The process of the model ended ${how}; the next one starts in ${backoffMs} ms`,
    );
    this.#restart = setTimeout(() => this.start(), backoffMs);
    this.#onEnded();
  }
}
