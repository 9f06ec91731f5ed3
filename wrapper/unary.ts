import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { AppError, asAppError } from '../foundation/errors.ts';
import type { ModelInferRequest, ModelInferResponse, RawContent } from '../proto/messages.ts';
import { grpcError } from './grpc-status.ts';
import type { Host } from './host.ts';
import type { LoadedModel } from './load-model.ts';
import type { Part, PartSink } from './part-runner.ts';
import { LiveRequest } from './request.ts';
import { ordinaryResponse, ordinaryTensors } from './tensors.ts';

/** One ordinary request as a part. Throws INVALID_INPUT where its tensors are not the model's. */
export function ordinaryPart(
  model: LoadedModel,
  request: ModelInferRequest,
  call: { id: number; deadlineMs: number; sink: PartSink },
): Part {
  const tensors = ordinaryTensors(request);
  const rows = tensors[0]?.shape[0] ?? 0;
  const inputs = model.readInputs(tensors, rows);
  return {
    ...call,
    request: new LiveRequest(model.features, rows, inputs, parametersText(request)),
    runner: model.runner,
    bytes: tensors.reduce((sum, { raw }) => sum + raw.byteLength, 0),
    state: 'waiting',
    outputs: [],
    error: undefined,
  };
}

/** ModelInfer: what any client of the protocol calls. */
export function handleInfer(
  host: Host,
  call: ServerUnaryCall<ModelInferRequest, ModelInferResponse<RawContent>>,
  callback: sendUnaryData<ModelInferResponse<RawContent>>,
): void {
  const { request } = call;
  const model = host.find(request.model_name, request.model_version);
  if (model instanceof AppError) return callback(grpcError(model));
  const sink: PartSink = {
    finished({ error, outputs }) {
      if (error) return callback(grpcError(error));
      answer(callback, () => ordinaryResponse(request, model.version, outputs));
    },
    flush() {
      // Answered as soon as it is finished.
    },
  };
  try {
    const part = ordinaryPart(model, request, { id: 0, deadlineMs: deadlineMs(host, call.getDeadline()), sink });
    call.on('cancelled', () => model.runner.cancel(part));
    model.runner.accept(part);
  } catch (thrown) {
    callback(grpcError(asAppError(thrown)));
  }
}

function answer<T>(callback: sendUnaryData<T>, make: () => T): void {
  let made: T;
  try {
    made = make();
  } catch (thrown) {
    callback(grpcError(asAppError(thrown)));
    return;
  }
  callback(null, made);
}

/** gRPC gives the deadline on the wall clock. */
function deadlineMs(host: Host, deadline: Date | number): number {
  return host.clock() + Number(deadline) - Date.now();
}

/** The request's parameters as the JSON that a predictor reads; undefined where there are none. */
function parametersText(request: ModelInferRequest): string | undefined {
  const entries = Object.entries(request.parameters ?? {});
  if (entries.length === 0) return undefined;
  return JSON.stringify(Object.fromEntries(entries.map(([name, value]) => [name, readParameter(value)])));
}

function readParameter(value: NonNullable<ModelInferRequest['parameters']>[string]): unknown {
  return (
    value.bool_param ?? value.string_param ?? value.double_param ?? Number(value.int64_param ?? value.uint64_param)
  );
}
