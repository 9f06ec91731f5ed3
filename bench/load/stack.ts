import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Processes } from './cell.ts';
import { httpAddress, startChild, type Child } from './child.ts';

const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 50;

/** What is measured: the address that takes the bodies, and the processes that answer. */
export interface Stack {
  name: StackName;
  url: string;
  processes: Processes;
}

export const STACKS = ['echo', 'bare', 'trial', 'tandem'] as const;
export type StackName = (typeof STACKS)[number];

const ECHO = fileURLToPath(import.meta.resolve('../rivals/echo.ts'));
const BARE = fileURLToPath(import.meta.resolve('../rivals/bare.ts'));
const MODEL_UNARY = fileURLToPath(import.meta.resolve('../rivals/model-unary.ts'));
const TRIAL = fileURLToPath(import.meta.resolve('../rivals/trial.ts'));
const MODEL_STREAM = fileURLToPath(import.meta.resolve('../rivals/model-stream.ts'));
const TANDEM = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export async function startEcho(model: string): Promise<Stack> {
  return stackOf('echo', model, startChild(ECHO));
}

/** With `service`, the items come from that REST API, through a cache, rather than from the store. */
export async function startBare(model: string, store: string, socket: string, service?: string): Promise<Stack> {
  const more = service === undefined ? [] : ['--service', service];
  return startRival('bare', model, [BARE, MODEL_UNARY], store, socket, more);
}

/** The bare stack over Redis: all rows of a request by one MGET. `host` is another server of its model. */
export async function startBareRedis(
  model: string,
  redis: string,
  socket: string,
  host = startChild(MODEL_UNARY, ['--socket', socket]),
): Promise<Stack> {
  await host.listening;
  return stackOf('bare', model, startChild(BARE, ['--redis', redis, '--model', socket]), host);
}

export async function startTrial(model: string, store: string, socket: string): Promise<Stack> {
  return startRival('trial', model, [TRIAL, MODEL_STREAM], store, socket);
}

/** `tandem wrap` and `tandem serve` on free ports, both with the overlays; resolves once the model is ready. */
export async function startTandem(
  model: string,
  config: string,
  stateDir: string,
  overlays: readonly string[] = [],
): Promise<Stack> {
  const wrapper = startWrapper(config, stateDir, overlays);
  const server = startTandemFront('serve', config, stateDir, overlays);
  const stack = await stackOf('tandem', model, server, wrapper);
  await untilReady(new URL('/v2/health/ready', stack.url), server);
  return stack;
}

/** `tandem wrap` alone. */
export function startWrapper(config: string, stateDir: string, overlays: readonly string[] = []): Child {
  return startChild(TANDEM, ['wrap', config, '--state-dir', stateDir, ...overlayFlags(overlays)]);
}

/** `tandem dev` once, for what it fills the empty store with. */
export async function fillByDev(config: string, stateDir: string): Promise<void> {
  const filler = startTandemFront('dev', config, stateDir);
  await filler.listening;
  await filler.stop();
}

function startTandemFront(
  command: 'serve' | 'dev',
  config: string,
  stateDir: string,
  overlays: readonly string[] = [],
): Child {
  const flags = ['--state-dir', stateDir, '--port', '0', '--admin-port', '0'];
  return startChild(TANDEM, [command, config, ...flags, ...overlayFlags(overlays)]);
}

function overlayFlags(overlays: readonly string[]): string[] {
  return overlays.flatMap((overlay) => ['-f', overlay]);
}

async function startRival(
  name: StackName,
  model: string,
  [serverFile, modelFile]: [string, string],
  store: string,
  socket: string,
  more: readonly string[] = [],
): Promise<Stack> {
  const host = startChild(modelFile, ['--socket', socket]);
  await host.listening;
  return stackOf(name, model, startChild(serverFile, ['--store', store, '--model', socket, ...more]), host);
}

async function stackOf(name: StackName, model: string, server: Child, host?: Child): Promise<Stack> {
  const url = `http://${httpAddress(await server.listening)}/v1/models/${model}:predict`;
  return { name, url, processes: host === undefined ? { server } : { server, model: host } };
}

/** Resolves once the address answers 2xx; rejects when the process ends before, or after half a minute. */
export async function untilReady(url: string | URL, server: Child): Promise<void> {
  const signal = AbortSignal.any([AbortSignal.timeout(READY_TIMEOUT_MS), server.gone]);
  while (!(await isReady(url, signal))) await delay(READY_POLL_MS, undefined, { signal });
}

async function isReady(url: string | URL, signal: AbortSignal): Promise<boolean> {
  try {
    return (await fetch(url, { signal })).ok;
  } catch (error) {
    // It does not listen yet, unless it is the signal that says no.
    if (signal.aborted) throw error;
    return false;
  }
}
