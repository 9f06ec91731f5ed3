import { Metadata, status as GrpcStatus, type Client, type ClientUnaryCall, type ServiceError } from '@grpc/grpc-js';
import { AppError } from '../../foundation/errors.ts';
import type { InferParameters, ModelInferRequest, ModelInferResponse, RawContent } from '../../proto/messages.ts';
import { inferenceService } from '../../proto/service.ts';
import { callBytes, type Calls, type CallsOptions } from './calls.ts';
import type { InferCall, InferResult, Tensor } from './client.ts';
import { errorOfStatus } from './status.ts';
import { outputsOf, rawInputs } from './tensors.ts';

const { path, requestSerialize, responseDeserialize } = inferenceService.ModelInfer;

/** Calls as ModelInfer, one by one: for servers of the protocol that do not list our extension. */
export class UnaryCalls implements Calls {
  readonly #client: Client;
  readonly #options: CallsOptions;
  readonly #inFlight = new Set<ClientUnaryCall>();
  #isClosed = false;

  constructor(client: Client, options: CallsOptions) {
    this.#client = client;
    this.#options = options;
  }

  infer(tensors: readonly Tensor[], call: InferCall): Promise<InferResult> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw errorOfStatus(GrpcStatus.UNAVAILABLE, undefined);
      if (call.signal?.aborted) throw new AppError('CANCELLED', 'The call was cancelled.');
      const { admission, clock, maxMessageBytes } = this.#options;
      const remainingMs = call.deadlineMs - clock();
      if (remainingMs <= 0) throw errorOfStatus(GrpcStatus.DEADLINE_EXCEEDED, undefined);
      const raws = rawInputs(tensors, call.rows);
      const bytes = callBytes(raws, call, maxMessageBytes);
      admission.admit(bytes);
      const request: ModelInferRequest<RawContent> = {
        model_name: this.#options.model,
        model_version: this.#options.version,
        parameters: inferParameters(call.parameters),
        inputs: raws.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
        raw_input_contents: raws.map(({ raw }) => raw),
      };
      const abort = (): void => sent.cancel();
      const onAnswer = (error: ServiceError | null, response?: ModelInferResponse<RawContent>): void => {
        this.#inFlight.delete(sent);
        admission.release(bytes);
        call.signal?.removeEventListener('abort', abort);
        if (error === null) resolve(resultOf(response as ModelInferResponse, call.rows));
        else reject(this.#errorOf(error, call.signal?.aborted === true));
      };
      // grpc-js takes deadlines of the wall clock only, and sends what is left as the call's timeout.
      const options = { deadline: Date.now() + remainingMs };
      const metadata = new Metadata();
      if (call.trace !== undefined) metadata.set('traceparent', call.trace);
      const sent = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        onAnswer,
      );
      this.#inFlight.add(sent);
      call.signal?.addEventListener('abort', abort);
      this.#options.counters.messagesSent++;
      this.#options.counters.partsSent++;
    });
  }

  get pending(): number {
    return this.#inFlight.size;
  }

  close(): void {
    this.#isClosed = true;
    for (const call of this.#inFlight) call.cancel();
  }

  #errorOf(error: ServiceError, isAborted: boolean): AppError {
    if (error.code === GrpcStatus.UNAVAILABLE) this.#options.onBroken(error);
    // What `close` or a server that shuts down cancelled is not what a caller cancelled.
    const isLost = error.code === GrpcStatus.CANCELLED && !isAborted;
    return errorOfStatus(isLost ? GrpcStatus.UNAVAILABLE : error.code, error);
  }
}

/** Rejects, inside the promise that it resolves, with PREDICTOR_INVALID_OUTPUT. */
async function resultOf(response: ModelInferResponse, rows: number): Promise<InferResult> {
  return { outputs: outputsOf(response, rows), modelVersion: response.model_version ?? '' };
}

/** The request's parameters in the protocol's own types; what is no scalar stays JSON text. */
function inferParameters(json: string | undefined): InferParameters {
  if (json === undefined) return {};
  const parameters: InferParameters = {};
  for (const [name, value] of Object.entries(JSON.parse(json) as Record<string, unknown>)) {
    if (typeof value === 'boolean') parameters[name] = { bool_param: value };
    else if (typeof value === 'string') parameters[name] = { string_param: value };
    else if (Number.isSafeInteger(value)) parameters[name] = { int64_param: String(value) };
    else if (typeof value === 'number') parameters[name] = { double_param: value };
    else parameters[name] = { string_param: JSON.stringify(value) };
  }
  return parameters;
}
