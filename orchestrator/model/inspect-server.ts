import { status as GrpcStatus, type Client } from '@grpc/grpc-js';
import { replicasOf, STREAM_EXTENSION } from '../../proto/extensions.ts';
import { openChannel } from './channel.ts';
import { hasStatus, isModelReady, modelMetadata, serverMetadata } from './server-calls.ts';
import { findFrames } from './streams.ts';

/** Round trips to a server: enough for a percentile, over in a tenth of a second. */
const ROUND_TRIPS = 100;
const MAX_MESSAGE_BYTES = 1024 ** 2;

/** How the calls of a model travel: as frames, on a stream of gRPC, or each as a call of its own. */
export type CallsCarrier = 'frames' | 'ModelStreamInfer' | 'ModelInfer';

/** What the server of a model says of itself and of it. */
interface ModelServerInspection {
  /** Null where it does not say. */
  server: { name: string; version: string } | null;
  /** From nothing to its first answer. */
  connectMs: number;
  isLoaded: boolean;
  /** Of the loaded model; null where the server does not say. */
  version: string | null;
  /** Processes that host the model. */
  replicas: number;
  calls: CallsCarrier;
  /** Of questions whether the model is ready, one after the other, in ms. */
  roundTripsMs: number[];
}

/**
 * Asks a server of the Open Inference Protocol about a model, without having it load one. `address` is `unix:PATH` or
 * `host:port`. Rejects with AppError as `callControl` does; CANCELLED by `signal`.
 */
export async function inspectModelServer(
  address: string,
  model: string,
  { signal, now }: { signal: AbortSignal; now: () => number },
): Promise<ModelServerInspection> {
  const client = openChannel(address, MAX_MESSAGE_BYTES);
  try {
    const startedMs = now();
    const server = await serverMetadata(client, signal);
    const connectMs = now() - startedMs;
    const isLoaded = await isLoadedNow(client, model, signal);
    const metadata = isLoaded ? await modelMetadata(client, model, '', signal) : undefined;
    const extensions = server?.extensions ?? [];
    const roundTripsMs: number[] = [];
    for (let at = 0; at < ROUND_TRIPS; at++) {
      const askedMs = now();
      await isLoadedNow(client, model, signal);
      roundTripsMs.push(now() - askedMs);
    }
    return {
      server: server === undefined ? null : { name: server.name, version: server.version },
      connectMs,
      isLoaded,
      version: metadata?.versions.at(-1) ?? null,
      replicas: replicasOf(extensions),
      calls: await carrierOf(address, extensions),
      roundTripsMs,
    };
  } finally {
    client.close();
  }
}

async function carrierOf(address: string, extensions: readonly string[]): Promise<CallsCarrier> {
  if (!extensions.includes(STREAM_EXTENSION)) return 'ModelInfer';
  return (await findFrames(address, extensions)) === undefined ? 'ModelStreamInfer' : 'frames';
}

/** A server may say that it has no such model in place of saying that it is not ready. */
async function isLoadedNow(client: Client, model: string, signal: AbortSignal): Promise<boolean> {
  try {
    return await isModelReady(client, model, '', signal);
  } catch (thrown) {
    if (hasStatus(thrown, GrpcStatus.NOT_FOUND)) return false;
    throw thrown;
  }
}
