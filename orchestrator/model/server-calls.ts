import { status as GrpcStatus, type Client } from '@grpc/grpc-js';
import { AppError } from '../../foundation/errors.ts';
import type { ModelMetadata, ServerMetadata } from '../../proto/messages.ts';
import { inferenceService } from '../../proto/service.ts';
import { callControl } from './channel.ts';

/**
 * A server that holds a connection but says nothing for this long is taken as gone: longer than a pause of some seconds,
 * which is for deadlines to bridge. The poll of readiness does what keepalive pings would, which servers on the C core
 * answer with GOAWAY when they come more often than every five minutes.
 */
const SILENCE_MS = 10_000;

/** What a server tells of itself; undefined where it tells nothing. */
export function serverMetadata(client: Client, signal: AbortSignal): Promise<ServerMetadata | undefined> {
  return ifImplemented(callControl(client, inferenceService.ServerMetadata, {}, SILENCE_MS, signal));
}

export async function isModelReady(
  client: Client,
  name: string,
  version: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await callControl(client, inferenceService.ModelReady, { name, version }, SILENCE_MS, signal)).ready;
}

/** What a model tells of itself; undefined where it tells nothing. */
export function modelMetadata(
  client: Client,
  name: string,
  version: string,
  signal: AbortSignal,
): Promise<ModelMetadata | undefined> {
  return ifImplemented(callControl(client, inferenceService.ModelMetadata, { name, version }, SILENCE_MS, signal));
}

async function ifImplemented<Told>(asked: Promise<Told>): Promise<Told | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    if (hasStatus(thrown, GrpcStatus.UNIMPLEMENTED)) return undefined;
    throw thrown;
  }
}

/** Whether a call ended with this gRPC status. */
export function hasStatus(thrown: unknown, status: number): boolean {
  const cause: unknown = thrown instanceof AppError ? thrown.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === status;
}
