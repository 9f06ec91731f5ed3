import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { framesPath } from '../../../foundation/socket-path.ts';
import { decodeInferRequest, encodeStreamResponse } from '../../../proto/codec.ts';
import { FrameStream } from '../../../proto/frames.ts';
import type { MessageStream } from '../../../proto/message-stream.ts';
import { readLoadParameters, type Layout } from '../../../proto/load-parameters.ts';
import type {
  ModelInferRequest,
  ModelInferResponse,
  RawContent,
  RepositoryModelRequest,
} from '../../../proto/messages.ts';
import { mergeAnswers, readCancel, readParts, type Part, type PartAnswer } from '../../../proto/parts.ts';
import { ATOMIC_EXTENSION, FRAMES_EXTENSION, replicasExtension, STREAM_EXTENSION } from '../../../proto/extensions.ts';
import { inferenceService } from '../../../proto/service.ts';

/** How its streams travel; of frames it may make an offer that it does not keep. */
export type Carrier = 'ModelStreamInfer' | 'frames' | 'frames without a socket';

const MAX_MESSAGE_BYTES = 16 * 1024 ** 2;

/** What a test has the peer do. */
export interface PeerBehaviour {
  /** Each merged message's parts; `reply` may be called later, and with fewer answers at a time. */
  onParts?(parts: Part[], reply: (answers: PartAnswer[]) => void): void;
  onCancel?(ids: number[]): void;
  /** Answers every message with these bytes instead. */
  garbage?: Buffer;
  /** Without it the server lists no extension. */
  isStreaming?: boolean;
  /** Default ModelStreamInfer. */
  carrier?: Carrier;
  /** How many processes it says that there are. */
  replicas?: number;
  /** Large calls are not to be split. */
  isAtomic?: boolean;
  onInfer?(request: ModelInferRequest, reply: sendUnaryData<ModelInferResponse<RawContent>>): void;
}

export interface Peer {
  address: string;
  loaded: (Layout | undefined)[];
  isModelReady: boolean;
  /** What each stream came by. */
  carried: Carrier[];
  /** Breaks every connection at once, as a killed process does. */
  kill(): void;
  /** Serves on the same address again. */
  start(): Promise<void>;
}

type Unary<Q, A> = (call: ServerUnaryCall<Q, A>, reply: sendUnaryData<A>) => void;

/** A folder for a socket, removed with all that is in it. */
export async function socketFolder(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-peer-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** A server that speaks the protocol over a Unix socket in `folder`, or in one of its own. */
export async function startPeer(behaviour: PeerBehaviour, given?: string): Promise<Peer & AsyncDisposable> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'tandem-peer-')));
  const path = join(folder, 'peer.sock');
  const address = `unix:${path}`;
  const sockets = new Set<Socket>();
  const frames = createServer((socket) => {
    sockets.add(socket);
    const stream = new FrameStream(socket, MAX_MESSAGE_BYTES);
    stream.on('error', () => socket.destroy());
    stream.once('data', () => {
      peer.carried.push('frames');
      serveStream(stream, behaviour);
    });
  });
  let server = new Server();
  const peer: Peer = {
    address,
    loaded: [],
    isModelReady: true,
    carried: [],
    kill: () => {
      server.forceShutdown();
      for (const socket of sockets) socket.destroy();
    },
    start: async () => {
      await rm(path, { force: true });
      if (behaviour.carrier === 'frames' && !frames.listening) {
        await new Promise<void>((resolve) => frames.listen(framesPath(address), resolve));
      }
      server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
      server.addService(inferenceService as unknown as ServiceDefinition, implementation(peer, behaviour));
      await new Promise<void>((resolve, reject) => {
        server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
      });
    },
  };
  await peer.start();
  return Object.assign(peer, {
    [Symbol.asyncDispose]: async () => {
      peer.kill();
      frames.close();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

const modelMetadata: Unary<object, object> = (_, reply) =>
  reply(null, {
    name: 'm',
    versions: ['3'],
    inputs: [{ name: 'features', datatype: 'FP64', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP64', shape: [-1] }],
  });

function implementation(peer: Peer, behaviour: PeerBehaviour) {
  const extensions = behaviour.isStreaming === false ? [] : [STREAM_EXTENSION];
  if (behaviour.carrier?.startsWith('frames')) extensions.push(FRAMES_EXTENSION);
  if (behaviour.replicas !== undefined) extensions.push(replicasExtension(behaviour.replicas));
  if (behaviour.isAtomic === true) extensions.push(ATOMIC_EXTENSION);
  const metadata: Unary<object, object> = (_, reply) => reply(null, { name: 'peer', version: '1', extensions });
  const load: Unary<RepositoryModelRequest, object> = ({ request }, reply) => {
    peer.loaded.push(readLoadParameters(request.parameters));
    reply(null, {});
  };
  const ready: Unary<object, object> = (_, reply) => reply(null, { ready: peer.isModelReady });
  const infer: Unary<ModelInferRequest, ModelInferResponse<RawContent>> = ({ request }, reply) =>
    behaviour.onInfer === undefined ? reply({ code: status.UNIMPLEMENTED }) : behaviour.onInfer(request, reply);
  return {
    ServerMetadata: metadata,
    ModelReady: ready,
    RepositoryModelLoad: load,
    ModelMetadata: modelMetadata,
    ModelInfer: infer,
    ModelStreamInfer: (stream: ServerDuplexStream<Buffer, Buffer>) => {
      peer.carried.push('ModelStreamInfer');
      serveStream(stream, behaviour);
    },
  };
}

function serveStream(stream: MessageStream, behaviour: PeerBehaviour): void {
  const reply = (answers: PartAnswer[]): void => {
    stream.write(encodeStreamResponse({ infer_response: mergeAnswers('m', '3', answers) }));
  };
  stream.on('error', () => stream.end());
  stream.on('end', () => stream.end());
  stream.on('data', (bytes: Buffer) => {
    const request = decodeInferRequest(bytes);
    const cancelled = readCancel(request);
    if (cancelled !== undefined) behaviour.onCancel?.(cancelled);
    else if (behaviour.garbage !== undefined) stream.write(behaviour.garbage);
    else behaviour.onParts?.(readParts(request) ?? [], reply);
  });
}

/** The answer of a part as a model that gives back the first of each row's two features. */
export function echo(part: Part): PartAnswer {
  const matrix = part.tensors[0].raw;
  const values = new Float64Array(matrix.buffer.slice(matrix.byteOffset, matrix.byteOffset + matrix.byteLength));
  const firsts = values.filter((_, index) => index % 2 === 0);
  const raw = new Uint8Array(firsts.buffer);
  return {
    id: part.id,
    rows: part.rows,
    status: 0,
    outputs: [{ name: 'y', datatype: 'FP64', shape: [part.rows], raw }],
  };
}
