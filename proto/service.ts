import type { MethodDefinition } from '@grpc/grpc-js';
import { decodeInferRequest, decodeInferResponse, encodeInferRequest, encodeInferResponse } from './codec.ts';
import { loadedService, type MethodName } from './load.ts';
import type {
  ModelInferRequest,
  ModelInferResponse,
  ModelMetadata,
  RawContent,
  RepositoryIndex,
  RepositoryModelRequest,
  ServerMetadata,
} from './messages.ts';

type Method<Request, Response> = MethodDefinition<Request, Response>;

/** What each method takes and gives. */
export interface InferenceService {
  readonly [name: string]: unknown;
  ServerLive: Method<object, { live: boolean }>;
  ServerReady: Method<object, { ready: boolean }>;
  ModelReady: Method<{ name: string; version?: string }, { ready: boolean }>;
  ServerMetadata: Method<object, ServerMetadata>;
  ModelMetadata: Method<{ name: string; version?: string }, ModelMetadata>;
  ModelInfer: Method<ModelInferRequest<RawContent>, ModelInferResponse<RawContent>>;
  ModelStreamInfer: Method<Buffer, Buffer>;
  RepositoryIndex: Method<{ repository_name?: string; ready?: boolean }, RepositoryIndex>;
  RepositoryModelLoad: Method<RepositoryModelRequest, object>;
  RepositoryModelUnload: Method<RepositoryModelRequest, object>;
}

const asBytes = (bytes: Buffer): Buffer => bytes;

/**
 * The service as grpc-js takes it, for both sides. `ModelStreamInfer` passes bytes: its reader calls the codec itself,
 * because grpc-js ends a stream at a message that does not decode, and one bad message must not cost the others theirs.
 */
export const inferenceService = {
  ...(loadedService as Record<MethodName, unknown>),
  ModelInfer: {
    ...loadedService.ModelInfer,
    requestSerialize: encodeInferRequest,
    requestDeserialize: decodeInferRequest,
    responseSerialize: encodeInferResponse,
    responseDeserialize: decodeInferResponse,
  },
  ModelStreamInfer: {
    ...loadedService.ModelStreamInfer,
    requestSerialize: asBytes,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
    responseDeserialize: asBytes,
  },
} as unknown as InferenceService;
