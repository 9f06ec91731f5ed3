import { fork, spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { HostSpec } from './host-spec.ts';
import { pythonEnvironment } from './interpreter.ts';
import type { ChildReport, HostOrder } from './supervision.ts';

/**
 * The heap's limit before V8 collects all of it. A child has a heap of 10 MB, and messages that come and go outside of
 * it: by its own reckoning V8 then collects everything five times a second, which doubles the CPU of a call of a hundred
 * rows. Young collections free these messages; nothing is reserved by this.
 */
const OLD_SPACE_MB = 128;

/** The same ending as this file: `.ts` in the source, `.js` in `dist/`. */
const CHILD = fileURLToPath(new URL(`main${extname(import.meta.url)}`, import.meta.url));
/** The file descriptor on which a Python child reports; its stdin tells it what to do, and that we are gone. */
const REPORTS = 3;

/** A process that hosts a model. `problem`: it could not be told what to do. */
export interface HostProcess {
  child: ChildProcess;
  reports: EventEmitter<{ report: [ChildReport]; problem: [Error] }>;
}

/** Starts the process that hosts a model. Whatever the researcher prints goes to stderr: stdout is for events. */
export function startHostProcess(spec: HostSpec): HostProcess {
  return spec.python === undefined ? startNode(spec) : startPython(spec, spec.python);
}

function startNode(spec: HostSpec): HostProcess {
  const reports: HostProcess['reports'] = new EventEmitter();
  const env = { ...process.env, NODE_COMPILE_CACHE: spec.cacheDir };
  const execArgv = [...process.execArgv, `--initial-old-space-size=${OLD_SPACE_MB}`];
  const child = fork(CHILD, { env, execArgv, stdio: ['ignore', 2, 2, 'ipc'] });
  const order: HostOrder = { kind: 'host', spec };
  child.on('message', (report: ChildReport) => reports.emit('report', report));
  child.send(order, (error) => {
    if (error) reports.emit('problem', error);
  });
  return { child, reports };
}

function startPython(spec: HostSpec, python: string): HostProcess {
  const reports: HostProcess['reports'] = new EventEmitter();
  const child = spawn(python, ['-m', 'tandem_wrapper', '--supervised', String(REPORTS)], {
    env: pythonEnvironment(process.env, spec.threads),
    stdio: ['pipe', 2, 2, 'pipe'],
  });
  const lines = createInterface(child.stdio[REPORTS] as Readable);
  lines.on('line', (line) => reports.emit('report', JSON.parse(line) as ChildReport));
  child.stdin?.on('error', (error) => reports.emit('problem', error)).write(`${JSON.stringify(spec)}\n`);
  return { child, reports };
}
