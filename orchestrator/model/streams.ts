import { connect } from 'node:net';
import { Metadata, type Client } from '@grpc/grpc-js';
import { connectError } from '../../foundation/connect-error.ts';
import { framesPath } from '../../foundation/socket-path.ts';
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

/** How streams to a server of ours are opened: as frames where there are any, else as `ModelStreamInfer`. */
export async function streamOpener(client: Client, options: StreamOptions): Promise<() => CallerStream> {
  const { address, extensions, load, maxMessageBytes } = options;
  const frames = await findFrames(address, extensions);
  if (frames !== undefined) {
    return () => {
      const stream = new FrameStream(connect(frames), maxMessageBytes);
      stream.write(Buffer.from(load));
      return stream;
    };
  }
  const { path, requestSerialize, responseDeserialize } = inferenceService.ModelStreamInfer;
  const metadata = new Metadata();
  metadata.set(LOAD_HEADER, load);
  return () => client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
}

/**
 * The socket on which a server takes frames; undefined where it does not offer them, or nobody listens there: a pod may
 * share its one socket and not the folder.
 */
export async function findFrames(address: string, extensions: readonly string[]): Promise<string | undefined> {
  const path = extensions.includes(FRAMES_EXTENSION) ? framesPath(address) : undefined;
  return path !== undefined && (await connectError(path)) === undefined ? path : undefined;
}
