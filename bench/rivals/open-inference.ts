import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The Open Inference Protocol as one loads it by hand: proto-loader's defaults, 64-bit numbers as numbers. */
const definition = loadSync(fileURLToPath(import.meta.resolve('../../proto/inference.proto')), {
  keepCase: true,
  longs: Number,
});
const { inference } = loadPackageDefinition(definition) as unknown as {
  inference: { GRPCInferenceService: ServiceClientConstructor };
};
export const InferenceClient = inference.GRPCInferenceService;

interface TensorHead {
  name: string;
  datatype: string;
  shape: number[];
}
export interface InferRequest {
  model_name: string;
  inputs: TensorHead[];
  raw_input_contents: Buffer[];
}
export interface InferResponse {
  model_name: string;
  outputs: TensorHead[];
  raw_output_contents: Buffer[];
}

/** The doubles of raw contents; copied where protobufjs's slice of the message does not begin on 8 bytes. */
export function doublesOf({ buffer, byteOffset, byteLength }: Buffer): Float64Array {
  return byteOffset % 8 === 0
    ? new Float64Array(buffer, byteOffset, byteLength / 8)
    : new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** The bytes of doubles, not copied. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
