import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { AppError } from '../foundation/errors.ts';
import { giveBackChunk } from '../foundation/socket-chunk.ts';
import type { CallerStream } from './message-stream.ts';

const HEAD_BYTES = 4;

interface FrameEvents {
  data: [message: Buffer];
  drain: [];
  end: [];
  error: [cause: Error];
  close: [];
}

/**
 * `tandem.frames.v1`: the messages of a `ModelStreamInfer` on a Unix socket of their own. A frame is the length of a
 * message as UINT32 (little-endian) and the message; the first that a caller sends names its load (`loadKey`), empty
 * for the last one. HTTP/2 with its headers, windows and frames costs either end more than the message does.
 */
export class FrameStream extends EventEmitter<FrameEvents> implements CallerStream {
  readonly #socket: Duplex;
  readonly #maxMessageBytes: number;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  /** The message under way, and how much of it is there. */
  #message: Buffer | undefined;
  #messageBytes = 0;
  #isUnreadable = false;

  /** A frame of more than `maxMessageBytes` is an error, after which nothing is read; the socket is left to its owner. */
  constructor(socket: Duplex, maxMessageBytes: number) {
    super();
    this.#socket = socket;
    this.#maxMessageBytes = maxMessageBytes;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => this.emit('drain'));
    socket.on('end', () => this.emit('end'));
    socket.on('error', (cause) => this.emit('error', cause));
    socket.on('close', () => this.emit('close'));
  }

  write(message: Buffer): boolean {
    const head = Buffer.allocUnsafe(HEAD_BYTES);
    head.writeUInt32LE(message.length);
    this.#socket.cork();
    this.#socket.write(head);
    const isMoreWelcome = this.#socket.write(message);
    this.#socket.uncork();
    return isMoreWelcome;
  }

  end(): void {
    this.#socket.end();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  cancel(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.#isUnreadable && !this.#socket.destroyed;) {
      at += this.#message === undefined ? this.#readHead(chunk, at) : this.#readMessage(this.#message, chunk, at);
      if (this.#message?.length === this.#messageBytes) this.#deliver(this.#message);
    }
    giveBackChunk(chunk);
  }

  #readHead(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#head, this.#headBytes, at);
    this.#headBytes += taken;
    if (this.#headBytes < HEAD_BYTES) return taken;
    this.#headBytes = 0;
    const length = this.#head.readUInt32LE();
    if (length <= this.#maxMessageBytes) {
      this.#message = Buffer.allocUnsafe(length);
      this.#messageBytes = 0;
    } else {
      this.#isUnreadable = true;
      const problem = `A frame of ${length} bytes is more than the ${this.#maxMessageBytes} of a message.`;
      this.emit('error', new AppError('PAYLOAD_TOO_LARGE', problem));
    }
    return taken;
  }

  #readMessage(message: Buffer, chunk: Buffer, at: number): number {
    const taken = chunk.copy(message, this.#messageBytes, at);
    this.#messageBytes += taken;
    return taken;
  }

  #deliver(message: Buffer): void {
    this.#message = undefined;
    this.emit('data', message);
  }
}
