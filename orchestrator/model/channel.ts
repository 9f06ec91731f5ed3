import { Client, credentials, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { errorOfStatus } from './status.ts';

/**
 * A client on a connection of its own. `address` is `unix:PATH` or `host:port`. Each attempt to connect takes a new one,
 * since a channel that has failed waits for its own backoff, and a wrapper's child is back within 0.3 s.
 */
export function openChannel(address: string, maxMessageBytes: number): Client {
  return new Client(address, credentials.createInsecure(), {
    'grpc.max_send_message_length': maxMessageBytes,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 5000,
    // With retries, writes are acknowledged from a buffer and back-pressure is not felt.
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
    'grpc.enable_http_proxy': 0,
  });
}

/** One call of the protocol's control side. Rejects with AppError, its `cause` the ServiceError; CANCELLED by `signal`. */
export function callControl<Request, Response>(
  client: Client,
  method: MethodDefinition<Request, Response>,
  request: Request,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + timeoutMs };
    const cancel = (): void => call.cancel();
    const onAnswer = (error: ServiceError | null, response?: Response): void => {
      signal.removeEventListener('abort', cancel);
      if (error === null) resolve(response as Response);
      else reject(errorOfStatus(error.code, error));
    };
    const { path, requestSerialize, responseDeserialize } = method;
    const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, options, onAnswer);
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
  });
}
