import { setTimeout as delay } from 'node:timers/promises';
import { status as GrpcStatus, type Client } from '@grpc/grpc-js';
import { loadKey, loadParameters, type Layout } from '../../proto/load-parameters.ts';
import type { ModelMetadata } from '../../proto/messages.ts';
import { ATOMIC_EXTENSION, replicasOf, STREAM_EXTENSION } from '../../proto/extensions.ts';
import { inferenceService } from '../../proto/service.ts';
import type { Calls, CallsOptions } from './calls.ts';
import { callControl } from './channel.ts';
import type { ModelSignature } from './client.ts';
import { isModelReady, modelMetadata, serverMetadata } from './server-calls.ts';
import { errorOfStatus } from './status.ts';
import { SizedCalls } from './sized-calls.ts';
import { StreamCalls } from './stream-calls.ts';
import { streamOpener } from './streams.ts';
import { UnaryCalls } from './unary-calls.ts';

/** How long a model may take to load. */
const LOAD_MS = 300_000;
const READY_POLL_MS = 1000;
const NOT_READY_POLL_MS = 100;

export interface SessionOptions extends Omit<CallsOptions, 'onBroken'> {
  /** `unix:PATH` or `host:port`; what the client is connected to. */
  address: string;
  layout: Layout;
  /** Ends the session, whatever it is at. */
  signal: AbortSignal;
}

/** One connection to a server whose model is loaded. */
export interface Session {
  readonly calls: Calls;
  /** What the model tells of itself; a server need not. */
  readonly signature: ModelSignature | undefined;
  readonly modelVersion: string;
  /** Processes that host the model, one an address. */
  readonly replicas: number;
  /** Polls the model's readiness, tells every answer, and rejects with what ended the session. */
  watch(onReady: (isReady: boolean) => void): Promise<never>;
}

/**
 * Meets a server: learns whether it speaks our stream, has it load the model with these features if so, waits until the
 * model is ready, and reads its signature. Rejects with AppError where any of it fails.
 */
export async function openSession(client: Client, options: SessionOptions): Promise<Session> {
  const { model, version, signal } = options;
  const isOurs = (await extensionsOf(client, signal)).includes(STREAM_EXTENSION);
  const parameters = loadParameters(options.layout);
  if (isOurs) {
    const request = { model_name: model, parameters };
    await callControl(client, inferenceService.RepositoryModelLoad, request, LOAD_MS, signal);
  }
  while (!(await isModelReady(client, model, version, signal))) await delay(NOT_READY_POLL_MS, undefined, { signal });
  const metadata = await modelMetadata(client, model, version, signal);
  // Asked again: a server of ours knows what its predictor says of itself when it has loaded it.
  const extensions = isOurs ? await extensionsOf(client, signal) : [];
  const isAtomic = !isOurs || extensions.includes(ATOMIC_EXTENSION);
  const broken = Promise.withResolvers<never>();
  const onBroken = (cause: unknown): void => broken.reject(errorOfStatus(GrpcStatus.UNAVAILABLE, cause));
  const callsOptions = { ...options, onBroken };
  let calls: Calls;
  if (isOurs) {
    const open = await streamOpener(client, { ...options, extensions, load: loadKey(parameters) });
    calls = new SizedCalls(() => new StreamCalls(open(), callsOptions));
  } else {
    calls = new UnaryCalls(client, callsOptions);
  }
  const poll = async (onReady: (isReady: boolean) => void): Promise<never> => {
    for (let isReady = true; ; isReady = await isModelReady(client, model, version, signal)) {
      onReady(isReady);
      await delay(isReady ? READY_POLL_MS : NOT_READY_POLL_MS, undefined, { signal });
    }
  };
  return {
    calls,
    signature: metadata && { inputs: described(metadata.inputs), outputs: described(metadata.outputs), isAtomic },
    modelVersion: version === '' ? (metadata?.versions.at(-1) ?? '') : version,
    replicas: replicasOf(extensions),
    watch: (onReady) => Promise.race([poll(onReady), broken.promise]),
  };
}

async function extensionsOf(client: Client, signal: AbortSignal): Promise<readonly string[]> {
  return (await serverMetadata(client, signal))?.extensions ?? [];
}

const described = (tensors: ModelMetadata['inputs']): ModelSignature['inputs'] =>
  tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(Number) }));
