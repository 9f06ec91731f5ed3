import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { packageVersion } from '../foundation/package-version.ts';
import { AppError, asAppError } from '../foundation/errors.ts';
import { framesPath, pathOfTarget } from '../foundation/socket-path.ts';
import type { MessageStream } from '../proto/message-stream.ts';
import type {
  ModelInferRequest,
  ModelInferResponse,
  ModelMetadata,
  RawContent,
  RepositoryIndex,
  RepositoryModelRequest,
  ServerMetadata,
} from '../proto/messages.ts';
import { LOAD_HEADER } from '../proto/load-parameters.ts';
import { ATOMIC_EXTENSION, FRAMES_EXTENSION, replicasExtension, STREAM_EXTENSION } from '../proto/extensions.ts';
import { inferenceService } from '../proto/service.ts';
import { FramesServer } from './frames-server.ts';
import { grpcError } from './grpc-status.ts';
import type { Host } from './host.ts';
import { inputTensors } from './inputs.ts';
import { clearSocket, withSocketMode } from './socket.ts';
import { StreamSession } from './stream.ts';
import { handleInfer } from './unary.ts';

const MAX_MESSAGE_BYTES = 16 * 1024 ** 2;
/** How often a draining server looks whether its last caller has gone. */
const DRAIN_CHECK_MS = 20;

/** The Open Inference Protocol over one model. */
export class WrapperServer {
  readonly #host: Host;
  readonly #sessions = new Set<StreamSession>();
  readonly #server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  readonly #frames = new FramesServer({
    maxMessageBytes: MAX_MESSAGE_BYTES,
    onStream: (stream, load) => this.#serve(stream, load),
  });

  constructor(host: Host) {
    this.#host = host;
    this.#server.addService(inferenceService as unknown as ServiceDefinition, this.#implementation());
  }

  /** Binds the spec's address. Throws AppError NOT_READY where it is taken. */
  async listen(): Promise<void> {
    const { target, socketMode } = this.#host.spec;
    const path = pathOfTarget(target);
    if (path === undefined) return this.#bind(target);
    await clearSocket(path);
    const beside = framesPath(target);
    if (beside !== undefined) await this.#frames.listen(beside, socketMode);
    await withSocketMode(path, socketMode, () => this.#bind(target));
  }

  /**
   * Says that it is not ready, goes on answering until every caller has left or `timeoutMs` is over, then closes. The
   * orchestrator holds its stream for as long as its own callers wait, so the stream's end is its sign.
   */
  async drain(timeoutMs: number): Promise<void> {
    this.#host.drain();
    const endMs = this.#host.clock() + timeoutMs;
    await new Promise<void>((resolve) => {
      const check = setInterval(() => {
        const isIdle = this.#sessions.size === 0 && this.#host.pending === 0;
        if (!isIdle && this.#host.clock() < endMs) return;
        clearInterval(check);
        resolve();
      }, DRAIN_CHECK_MS);
    });
    for (const session of this.#sessions) session.end();
    await this.close();
  }

  /** Lets answers that are made already reach their callers, for `graceMs` at the most, and hangs up. */
  async close(graceMs = 100): Promise<void> {
    const callsEnded = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    await Promise.all([callsEnded, this.#frames.close(graceMs)]);
    this.#server.forceShutdown();
  }

  /** Throws AppError NOT_READY where no such load is there; a caller that names none gets the last one, whichever it is. */
  #serve(stream: MessageStream, load: string | undefined): void {
    const hold = load === undefined ? undefined : this.#host.hold(load);
    const session = new StreamSession(this.#host, stream, hold);
    this.#sessions.add(session);
    stream.on('close', () => this.#sessions.delete(session));
  }

  #bind(target: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(target, ServerCredentials.createInsecure(), (cause) => {
        if (cause === null) resolve();
        else reject(new AppError('NOT_READY', `The wrapper cannot listen on ${target}: ${cause.message}`, { cause }));
      });
    });
  }

  #implementation(): UntypedServiceImplementation {
    const host = this.#host;
    const serverVersion = packageVersion();
    return {
      ServerLive: answerWith(() => ({ live: true })),
      ServerReady: answerWith(() => ({ ready: host.isReady })),
      // Also while it drains: the orchestrator drains at the same time, and must not turn its last callers away.
      ModelReady: answerWith(({ name, version }: { name: string; version?: string }) => ({
        ready: !(host.find(name, version) instanceof AppError),
      })),
      ServerMetadata: answerWith((): ServerMetadata => ({
        name: 'tandem-serving',
        version: serverVersion,
        extensions: extensionsOf(host),
      })),
      ModelMetadata: answerWith(({ name, version }: { name: string; version?: string }) =>
        describeModel(host, name, version),
      ),
      RepositoryIndex: answerWith((): RepositoryIndex => ({ models: [indexEntry(host)] })),
      RepositoryModelLoad: answerWith(async (request: RepositoryModelRequest) => {
        if (request.model_name === host.spec.model) await host.load(request.parameters);
        const model = host.find(request.model_name, undefined);
        if (model instanceof AppError) throw model;
        return {};
      }),
      ModelInfer: (
        call: ServerUnaryCall<ModelInferRequest, ModelInferResponse<RawContent>>,
        callback: sendUnaryData<ModelInferResponse<RawContent>>,
      ) => handleInfer(host, call, callback),
      ModelStreamInfer: (call: ServerDuplexStream<Buffer, Buffer>) => {
        const [load] = call.metadata.get(LOAD_HEADER);
        try {
          this.#serve(call, load?.toString());
        } catch (thrown) {
          call.emit('error', grpcError(asAppError(thrown)));
        }
      },
    };
  }
}

function answerWith<Request, Response>(handle: (request: Request) => Response | Promise<Response>) {
  return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void =>
    void respond(handle, call.request, callback);
}

async function respond<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
  request: Request,
  callback: sendUnaryData<Response>,
): Promise<void> {
  let response: Response;
  try {
    response = await handle(request);
  } catch (thrown) {
    callback(grpcError(asAppError(thrown)));
    return;
  }
  callback(null, response);
}

function extensionsOf({ model, spec }: Host): string[] {
  const extensions = ['model_repository', STREAM_EXTENSION, replicasExtension(spec.replicas)];
  if (framesPath(spec.target) !== undefined) extensions.push(FRAMES_EXTENSION);
  if (!(model instanceof AppError) && model.isAtomic) extensions.push(ATOMIC_EXTENSION);
  return extensions;
}

function describeModel(host: Host, name: string, version: string | undefined): ModelMetadata {
  const model = host.find(name, version);
  if (model instanceof AppError) throw model;
  return {
    name,
    versions: [model.version],
    platform: host.spec.predictor === 'onnx' ? 'onnx' : 'tandem',
    inputs: inputTensors(model.layout),
    outputs: model.outputs,
  };
}

function indexEntry(host: Host): RepositoryIndex['models'][number] {
  const { model, spec } = host;
  if (!(model instanceof AppError)) return { name: spec.model, version: model.version, state: 'READY', reason: '' };
  return { name: spec.model, version: '', state: 'UNAVAILABLE', reason: model.message };
}
