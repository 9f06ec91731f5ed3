import { AppError } from '../foundation/errors.ts';
import type { InferTensor, ModelInferRequest, ModelInferResponse } from '../proto/messages.ts';
import { rawTensors } from '../proto/parts.ts';
import type { RawTensor } from '../proto/rows.ts';
import { decodeContents, elementCount, encodeTensor } from '../proto/tensors.ts';
import type { Output } from './answer.ts';

/** The tensors of an ordinary message, whether it sends raw or typed contents. Throws INVALID_INPUT. */
export function ordinaryTensors(request: ModelInferRequest): RawTensor[] {
  if (request.raw_input_contents.length > 0) return rawTensors(request.inputs, request.raw_input_contents);
  return request.inputs.map((input) => {
    const { name, datatype, shape } = numericShape(input);
    return {
      name,
      datatype,
      shape,
      raw: encodeTensor(decodeContents(datatype, input.contents ?? {}, elementCount(shape))),
    };
  });
}

/** protobufjs gives int64 as text. */
function numericShape(input: InferTensor): InferTensor {
  return { ...input, shape: input.shape.map(Number) };
}

/** An output as it travels. */
export function outputTensor({ name, shape, data }: Output): RawTensor {
  return { name, datatype: Array.isArray(data) ? 'BYTES' : 'FP64', shape, raw: encodeTensor(data) };
}

/** The answer to an ordinary message: all outputs, or those it asks for. Throws INVALID_INPUT on one that is not there. */
export function ordinaryResponse(
  request: ModelInferRequest,
  version: string,
  outputs: readonly Output[],
): ModelInferResponse<Uint8Array> {
  const tensors = requestedOutputs(request, outputs).map(outputTensor);
  return {
    model_name: request.model_name,
    model_version: version,
    ...(request.id && { id: request.id }),
    outputs: tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: tensors.map(({ raw }) => raw),
  };
}

function requestedOutputs(request: ModelInferRequest, outputs: readonly Output[]): readonly Output[] {
  if (!request.outputs?.length) return outputs;
  return request.outputs.map(({ name }) => {
    const output = outputs.find((candidate) => candidate.name === name);
    if (output !== undefined) return output;
    const there = outputs.map((candidate) => candidate.name).join(', ');
    throw new AppError('INVALID_INPUT', `The model has no output "${name}"; it has ${there}.`);
  });
}
