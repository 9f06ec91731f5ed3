import { fileURLToPath } from 'node:url';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';

/** The service's full name: the path of a call is `/inference.GRPCInferenceService/ModelInfer`. */
const SERVICE_NAME = 'inference.GRPCInferenceService';

export type MethodName =
  | 'ServerLive'
  | 'ServerReady'
  | 'ModelReady'
  | 'ServerMetadata'
  | 'ModelMetadata'
  | 'ModelInfer'
  | 'ModelStreamInfer'
  | 'RepositoryIndex'
  | 'RepositoryModelLoad'
  | 'RepositoryModelUnload';

/**
 * inference.proto as proto-loader reads it, once a process. The file stands beside this one, in the source as in
 * `dist/`. Names stay as the protocol writes them, and 64-bit integers are text because a number would round them.
 */
export const loadedService = loadSync(fileURLToPath(new URL('inference.proto', import.meta.url)), {
  keepCase: true,
  longs: String,
  defaults: true,
})[SERVICE_NAME] as Record<MethodName, MethodDefinition<object, object>>;
