import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { AppError, asAppError } from '../foundation/errors.ts';
import { encodeStreamResponse } from '../proto/codec.ts';
import { FrameStream } from '../proto/frames.ts';
import type { MessageStream } from '../proto/message-stream.ts';
import { clearSocket, withSocketMode } from './socket.ts';

interface FramesServerOptions {
  maxMessageBytes: number;
  /** Begins to serve a stream whose caller names this load, if any; what it throws is told and ends the stream. */
  onStream(stream: MessageStream, load: string | undefined): void;
}

/** Takes streams of frames on a Unix socket of its own. */
export class FramesServer {
  readonly #options: FramesServerOptions;
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();

  constructor(options: FramesServerOptions) {
    this.#options = options;
  }

  /** Throws AppError NOT_READY where the path is taken. */
  async listen(path: string, mode: number): Promise<void> {
    await clearSocket(path);
    try {
      await withSocketMode(path, mode, async () => {
        this.#server.listen(path);
        await once(this.#server, 'listening');
      });
    } catch (cause) {
      throw new AppError('NOT_READY', `The wrapper cannot listen on ${path}: ${(cause as Error).message}`, { cause });
    }
  }

  /** Takes no more callers, removes the socket, and hangs up on those that are still there after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const hangUp = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    clearTimeout(hangUp);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const stream = new FrameStream(socket, this.#options.maxMessageBytes);
    const refuse = (thrown: unknown): void => {
      // Of a connection that is gone there is nobody to tell.
      if (socket.destroyed) return;
      stream.write(encodeStreamResponse({ error_message: asAppError(thrown).message }));
      stream.end();
    };
    stream.on('error', refuse);
    // One that says nothing, as who only looks whether somebody listens.
    const hangUp = (): void => stream.end();
    stream.once('end', hangUp);
    stream.once('data', (load) => {
      stream.removeListener('end', hangUp);
      try {
        this.#options.onStream(stream, load.length === 0 ? undefined : load.toString());
      } catch (thrown) {
        refuse(thrown);
      }
    });
  }
}
