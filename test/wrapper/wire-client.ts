import { connect } from 'node:net';
import { Client, credentials, Metadata, status, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { framesPath } from '../../foundation/socket-path.ts';
import { decodeStreamResponse, encodeInferRequest } from '../../proto/codec.ts';
import { FrameStream } from '../../proto/frames.ts';
import type { CallerStream } from '../../proto/message-stream.ts';
import type { ModelInferRequest, ModelStreamInferResponse, RawContent } from '../../proto/messages.ts';
import { LOAD_HEADER } from '../../proto/load-parameters.ts';
import { cancelRequest, mergeParts, readAnswers, type Part, type PartAnswer } from '../../proto/parts.ts';
import { inferenceService } from '../../proto/service.ts';

/** A plain client of the protocol, with nothing of the orchestrator in it. */
export interface WireClient {
  call<Request, Response>(method: MethodDefinition<Request, Response>, request: Request): Promise<Response>;
  /** `load` names the load that its parts are laid out for. */
  stream(load?: string): WireStream;
  close(): void;
}

interface WireStream {
  send(request: ModelInferRequest<RawContent>): void;
  sendBytes(bytes: Buffer): void;
  sendParts(parts: readonly Part[]): void;
  cancel(ids: readonly number[]): void;
  /** The next message that was not taken yet. */
  next(): Promise<ModelStreamInferResponse>;
  /** The parts of the next messages, until all of `ids` are answered. */
  answers(ids: readonly number[]): Promise<Map<number, PartAnswer>>;
  /** Half-closes; resolves with the gRPC status once the server has ended its side too; of frames OK or UNAVAILABLE. */
  end(): Promise<number>;
  hangUp(): void;
}

/** How a stream travels: as a call of gRPC, or as frames. */
export type Carrier = 'ModelStreamInfer' | 'frames';

export const MAX_MESSAGE_BYTES = 16 * 1024 ** 2;

export function connectTo(address: string, carrier: Carrier = 'ModelStreamInfer'): WireClient {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  });
  return {
    call: (method, request) =>
      new Promise((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = method;
        const options = { deadline: Date.now() + 20_000 };
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, options, (error, response) =>
          error ? reject(error) : resolve(response!),
        );
      }),
    stream(load) {
      if (carrier === 'frames') return framesTo(address, load);
      const metadata = new Metadata();
      if (load !== undefined) metadata.set(LOAD_HEADER, load);
      const { path, requestSerialize, responseDeserialize } = inferenceService.ModelStreamInfer;
      const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
      return wireStream(call, new Promise((resolve) => call.on('status', ({ code }) => resolve(code))));
    },
    close: () => client.close(),
  };
}

function framesTo(address: string, load: string | undefined): WireStream {
  const frames = new FrameStream(connect(framesPath(address)!), MAX_MESSAGE_BYTES);
  frames.write(Buffer.from(load ?? ''));
  const ended = new Promise<number>((resolve) => {
    frames.on('end', () => resolve(status.OK));
    frames.on('close', () => resolve(status.UNAVAILABLE));
  });
  return wireStream(frames, ended);
}

function wireStream(call: CallerStream, ended: Promise<number>): WireStream {
  const messages: ModelStreamInferResponse[] = [];
  const waiting: ((message: ModelStreamInferResponse) => void)[] = [];
  call.on('data', (bytes: Buffer) => {
    const message = decodeStreamResponse(bytes);
    const take = waiting.shift();
    if (take) take(message);
    else messages.push(message);
  });
  // A stream that the test hangs up, or whose server is killed, ends with an error; its status is what is waited for.
  call.on('error', () => undefined);
  const stream: WireStream = {
    send: (request) => stream.sendBytes(encodeInferRequest(request)),
    sendBytes: (bytes) => void call.write(bytes),
    sendParts: (parts) => stream.send(mergeParts('m', '', parts)),
    cancel: (ids) => stream.send(cancelRequest('m', ids)),
    next() {
      const message = messages.shift();
      return message ? Promise.resolve(message) : new Promise((resolve) => waiting.push(resolve));
    },
    async answers(ids) {
      const answers = new Map<number, PartAnswer>();
      while (!ids.every((id) => answers.has(id))) {
        const { error_message: problem, infer_response: response } = await stream.next();
        const parts = response ? readAnswers(response) : undefined;
        if (parts === undefined) throw new Error(`not a merged answer: ${problem}`);
        for (const answer of parts) answers.set(answer.id, answer);
      }
      return answers;
    },
    end() {
      call.end();
      return ended;
    },
    hangUp: () => call.cancel(),
  };
  return stream;
}

/** A part over the features `a` and `b`; `values` are its rows one after the other. */
export function part(id: number, values: number[], parameters?: object, remainingUs = 20_000_000): Part {
  const rows = values.length / 2;
  const raw = new Uint8Array(Float64Array.from(values).buffer);
  return {
    id,
    rows,
    remainingUs,
    tensors: [{ name: 'features', datatype: 'FP64', shape: [rows, 2], raw }],
    ...(parameters && { parameters: JSON.stringify(parameters) }),
  };
}

export function numbersOf(raw: Uint8Array): number[] {
  return [...new Float64Array(Uint8Array.from(raw).buffer)];
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'details' in error;
}
