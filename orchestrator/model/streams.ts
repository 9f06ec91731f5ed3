import { connect } from 'node:net';
import { Metadata, type Client } from '@grpc/grpc-js';
import { framesPath, pathOfTarget } from '../../foundation/socket-path.ts';
import { FRAMES_EXTENSION } from '../../proto/extensions.ts';
import { FrameStream } from '../../proto/frames.ts';
import { LOAD_HEADER } from '../../proto/load-parameters.ts';
import type { CallerStream } from '../../proto/message-stream.ts';
import { inferenceService } from '../../proto/service.ts';

export interface StreamOptions {
  /** `unix:PATH` or `host:port`. */
  address: string;
  /** What the server lists. */
  extensions: readonly string[];
  /** Names the load that the calls are laid out for. */
  load: string;
  /** A longer message breaks a stream of frames; `client` has the same limit of its own. */
  maxMessageBytes: number;
}

/**
 * How streams to a server of ours are opened: as frames where it offers them and their socket is there, else as
 * `ModelStreamInfer`. A pod may share one socket and not its folder, so the offer alone does not say.
 */
export async function streamOpener(client: Client, options: StreamOptions): Promise<() => CallerStream> {
  const { address, extensions, load, maxMessageBytes } = options;
  const path = extensions.includes(FRAMES_EXTENSION) ? pathOfTarget(address) : undefined;
  const beside = path === undefined ? undefined : framesPath(path);
  if (beside !== undefined && (await isListenedOn(beside))) {
    return () => {
      const stream = new FrameStream(connect(beside), maxMessageBytes);
      stream.write(Buffer.from(load));
      return stream;
    };
  }
  const { path: method, requestSerialize, responseDeserialize } = inferenceService.ModelStreamInfer;
  const metadata = new Metadata();
  metadata.set(LOAD_HEADER, load);
  return () => client.makeBidiStreamRequest(method, requestSerialize, responseDeserialize, metadata);
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
