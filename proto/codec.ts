/**
 * The messages that carry tensors, read and written by hand. Measured on one part of 10 rows of 11 features, merging
 * included: protobufjs takes 12 µs to write it and 11 to read it, mostly for objects between bytes and message; this 7
 * and 2, and it lays the pieces of all parts straight into the one buffer that is sent. It knows the fields that our own
 * stream uses. A message with any other (typed contents, parameters, requested outputs) goes through protobufjs
 * instead, so that every message of the protocol can be read and written.
 */
import { envelopeSize, readEnvelope, writeEnvelope, RAW_INPUT, RAW_OUTPUT, type Envelope } from './envelope.ts';
import { loadedService } from './load.ts';
import type {
  InferParameters,
  InferTensor,
  ModelInferRequest,
  ModelInferResponse,
  ModelStreamInferResponse,
  RawContent,
} from './messages.ts';
import { LENGTH_DELIMITED, badMessage, readEnd, readText, readVarint, tagOf, varintSize, writeVarint } from './wire.ts';

const ERROR_MESSAGE = tagOf(1, LENGTH_DELIMITED);
const INFER_RESPONSE = tagOf(2, LENGTH_DELIMITED);
const { ModelInfer: infer, ModelStreamInfer: stream } = loadedService;

export function encodeInferRequest(message: ModelInferRequest<RawContent>): Buffer {
  const isPlain = hasNone(message.parameters) && !message.outputs?.length && message.inputs.every(isPlainTensor);
  if (!isPlain) {
    const raws = message.raw_input_contents.map(joined);
    return infer.requestSerialize({ ...message, raw_input_contents: raws });
  }
  const envelope = envelopeOf(message, message.inputs, message.raw_input_contents);
  const bytes = Buffer.allocUnsafe(envelopeSize(envelope));
  writeEnvelope(bytes, 0, envelope, RAW_INPUT);
  return bytes;
}

export function encodeInferResponse(message: ModelInferResponse<RawContent>): Buffer {
  if (!isPlainResponse(message)) return infer.responseSerialize(joinedResponse(message));
  const envelope = envelopeOf(message, message.outputs, message.raw_output_contents);
  const bytes = Buffer.allocUnsafe(envelopeSize(envelope));
  writeEnvelope(bytes, 0, envelope, RAW_OUTPUT);
  return bytes;
}

export function encodeStreamResponse(message: ModelStreamInferResponse<RawContent>): Buffer {
  const response = message.infer_response;
  if (message.error_message || !response || !isPlainResponse(response)) {
    return stream.responseSerialize(response ? { ...message, infer_response: joinedResponse(response) } : message);
  }
  const envelope = envelopeOf(response, response.outputs, response.raw_output_contents);
  const size = envelopeSize(envelope);
  const bytes = Buffer.allocUnsafe(1 + varintSize(size) + size);
  bytes[0] = INFER_RESPONSE;
  writeEnvelope(bytes, writeVarint(bytes, 1, size), envelope, RAW_OUTPUT);
  return bytes;
}

/** Throws INVALID_INPUT on bytes that are no such message. The raw contents are views of `bytes`. */
export function decodeInferRequest(bytes: Buffer): ModelInferRequest {
  const envelope = readEnvelope({ bytes, at: 0 }, bytes.length, RAW_INPUT);
  return envelope === undefined ? requestFromLibrary(bytes) : requestOf(envelope);
}

/** Throws INVALID_INPUT on bytes that are no such message. The raw contents are views of `bytes`. */
export function decodeInferResponse(bytes: Buffer): ModelInferResponse {
  const envelope = readEnvelope({ bytes, at: 0 }, bytes.length, RAW_OUTPUT);
  return envelope === undefined ? responseFromLibrary(bytes) : responseOf(envelope);
}

/** Throws INVALID_INPUT on bytes that are no such message. The raw contents are views of `bytes`. */
export function decodeStreamResponse(bytes: Buffer): ModelStreamInferResponse {
  const cursor = { bytes, at: 0 };
  let errorMessage = '';
  let response: ModelInferResponse | undefined;
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor, bytes.length);
    if (tag === ERROR_MESSAGE) {
      errorMessage = readText(cursor, bytes.length);
    } else {
      // A second infer_response would have to be merged into the first; nobody sends it, and the library knows how.
      if (tag !== INFER_RESPONSE || response !== undefined) return streamResponseFromLibrary(bytes);
      const envelope = readEnvelope(cursor, readEnd(cursor, bytes.length), RAW_OUTPUT);
      if (envelope === undefined) return streamResponseFromLibrary(bytes);
      response = responseOf(envelope);
    }
  }
  return { error_message: errorMessage, infer_response: response };
}

function envelopeOf(
  message: { model_name: string; model_version?: string; id?: string },
  tensors: InferTensor[],
  raws: RawContent[],
): Envelope<RawContent> {
  return {
    modelName: message.model_name,
    modelVersion: message.model_version ?? '',
    id: message.id ?? '',
    tensors,
    raws,
  };
}

const requestOf = (envelope: Envelope<Buffer>): ModelInferRequest => ({
  model_name: envelope.modelName,
  model_version: envelope.modelVersion,
  id: envelope.id,
  inputs: envelope.tensors,
  raw_input_contents: envelope.raws,
});

const responseOf = (envelope: Envelope<Buffer>): ModelInferResponse => ({
  model_name: envelope.modelName,
  model_version: envelope.modelVersion,
  id: envelope.id,
  outputs: envelope.tensors,
  raw_output_contents: envelope.raws,
});

const hasNone = (parameters: InferParameters | undefined): boolean =>
  parameters === undefined || Object.keys(parameters).length === 0;

/** A tensor that the codec writes: its values in the raw contents, every dimension a count. */
const isPlainTensor = (tensor: InferTensor): boolean =>
  !tensor.contents && hasNone(tensor.parameters) && tensor.shape.every((dimension) => dimension >= 0);

const isPlainResponse = (response: ModelInferResponse<RawContent>): boolean =>
  hasNone(response.parameters) && response.outputs.every(isPlainTensor);

const joined = (raw: RawContent): Uint8Array => (raw instanceof Uint8Array ? raw : Buffer.concat(raw));

const joinedResponse = (response: ModelInferResponse<RawContent>): object => ({
  ...response,
  raw_output_contents: response.raw_output_contents.map(joined),
});

/** What the library makes of the bytes; its own errors speak of wire types and offsets, which are not for callers. */
function fromLibrary(deserialize: (bytes: Buffer) => object, bytes: Buffer): object {
  try {
    return deserialize(bytes);
  } catch (cause) {
    throw badMessage(cause);
  }
}

/** The library gives shapes as text, since it does so for every int64. */
function withNumericShapes(tensors: InferTensor[]): void {
  for (const tensor of tensors) tensor.shape = tensor.shape.map(Number);
}

function requestFromLibrary(bytes: Buffer): ModelInferRequest {
  const request = fromLibrary(infer.requestDeserialize, bytes) as ModelInferRequest;
  withNumericShapes(request.inputs);
  return request;
}

function responseFromLibrary(bytes: Buffer): ModelInferResponse {
  const response = fromLibrary(infer.responseDeserialize, bytes) as ModelInferResponse;
  withNumericShapes(response.outputs);
  return response;
}

function streamResponseFromLibrary(bytes: Buffer): ModelStreamInferResponse {
  const message = fromLibrary(stream.responseDeserialize, bytes) as ModelStreamInferResponse;
  if (message.infer_response) withNumericShapes(message.infer_response.outputs);
  return message;
}
