import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { delimiter, dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { mergedYaml } from '../config/merged.ts';
import { AppError } from '../foundation/errors.ts';
import { freePort } from '../foundation/free-port.ts';
import { isJsonObject } from '../foundation/json-object.ts';

/** How long a service may take until it takes connections, and how often that is tried. */
const LISTENING_WITHIN_MS = 20_000;
const TRY_EVERY_MS = 50;

/** A signal alone would end the process without its `exit` event, and leave the services behind. */
const exitNow = (): never => process.exit(1);

interface RunningService {
  name: string;
  url: string;
  child: ChildProcess;
}

/**
 * The services that `dev.run` starts on this machine. Each command is a shell line, run in the YAML's folder; it gets a
 * free port as $PORT, and the YAML the address as ${NAME_URL}. A service whose variable is set already is somebody
 * else's to run.
 */
export class DevServices {
  readonly running: RunningService[] = [];

  /**
   * Starts them all, and sets their variables in `environment` once they take connections. Rejects with AppError where
   * one does not. However this process ends from then on, they end with it, unless it is killed: by a signal too, until
   * `leaveSignals`.
   */
  async start(file: string, overlays: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
    const commands = Object.entries(commandsOf(file, overlays, environment));
    if (commands.length === 0) return;
    process.once('exit', () => this.#signal());
    process.once('SIGTERM', exitNow).once('SIGINT', exitNow);
    await Promise.all(
      commands.map(async ([name, command]) => {
        const variable = urlVariable(name);
        if (environment[variable]) return;
        const service = await this.#start(name, command, dirname(resolve(file)), environment);
        environment[variable] = service.url;
      }),
    );
  }

  /** Who calls this stops them on a signal himself. */
  leaveSignals(): void {
    process.off('SIGTERM', exitNow).off('SIGINT', exitNow);
  }

  /** Ends what was started, with all that it started itself. */
  async stop(): Promise<void> {
    const exits = this.#alive().map(({ child }) => once(child, 'close')); // the shell and what it started
    this.#signal();
    await Promise.all(exits);
  }

  /** What other commands need in their environment to find them: `WEATHER_URL=http://127.0.0.1:41234`. */
  get variables(): string[] {
    return this.running.map(({ name, url }) => `${urlVariable(name)}=${url}`);
  }

  #alive(): RunningService[] {
    return this.running.filter(isAlive);
  }

  #signal(): void {
    for (const { child } of this.#alive()) if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  }

  async #start(name: string, command: string, cwd: string, environment: NodeJS.ProcessEnv): Promise<RunningService> {
    const port = await freePort();
    // `node` is the Node that runs Tandem, whatever else the machine has.
    const path = [dirname(process.execPath), environment['PATH']].join(delimiter);
    const env = { ...environment, PATH: path, PORT: String(port) };
    // Detached, a group of its own: what the shell starts ends with it.
    const child = spawn(command, { shell: true, cwd, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const service = { name, url: `http://127.0.0.1:${port}`, child };
    child.stdout.resume();
    this.running.push(service);
    const ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
      throw new AppError('NOT_READY', `The service "${name}" ended (${signal ?? code}): \`${command}\``);
    });
    ended.catch(() => undefined); // once it runs, its view tells
    await Promise.race([isListening(port, service), ended]);
    return service;
  }
}

function isAlive({ child }: RunningService): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** The variable that a YAML's `url` of a service reads: `weather` is WEATHER_URL. */
function urlVariable(service: string): string {
  return `${service.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URL`;
}

/** Variables that `tandem dev` would set and that are not set: a file that reads them is whole all the same. */
export function unsetDevVariables(
  file: string,
  overlays: readonly string[],
  environment: NodeJS.ProcessEnv,
): readonly string[] {
  const variables = Object.keys(commandsOf(file, overlays, environment)).map(urlVariable);
  return variables.filter((variable) => !environment[variable]);
}

/** `dev.run` as it stands in the files: their check comes later, when the variables are set. */
function commandsOf(file: string, overlays: readonly string[], environment: NodeJS.ProcessEnv): Record<string, string> {
  const text = mergedYaml(file, environment, overlays, process.cwd());
  const data: unknown = parse(text, { logLevel: 'silent' });
  const dev = isJsonObject(data) && isJsonObject(data['dev']) ? data['dev'] : {};
  const run = isJsonObject(dev['run']) ? dev['run'] : {};
  return Object.fromEntries(
    Object.entries(run).flatMap(([name, line]) => (typeof line === 'string' ? [[name, line]] : [])),
  );
}

async function isListening(port: number, service: RunningService): Promise<void> {
  const until = performance.now() + LISTENING_WITHIN_MS;
  while (isAlive(service) && !(await takesConnections(port))) {
    if (performance.now() > until) {
      throw new AppError('NOT_READY', `The service "${service.name}" does not listen on $PORT of 127.0.0.1.`);
    }
    await pause(TRY_EVERY_MS);
  }
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
