/** Whole messages both ways, in order: a `ModelStreamInfer` call of grpc-js, or frames on a Unix socket. */
export interface MessageStream {
  /** False where more should wait for `drain`. */
  write(message: Buffer): boolean;
  /** Nothing more is written; what was goes out. */
  end(): unknown;
  pause(): unknown;
  resume(): unknown;
  on(event: 'data', listener: (message: Buffer) => void): unknown;
  /** `end`: the other side writes nothing more. `close`: the last of all events, however it ended. */
  on(event: 'drain' | 'end' | 'close', listener: () => void): unknown;
  /** What came cannot be read, or the connection is gone. */
  on(event: 'error', listener: (cause: Error) => void): unknown;
}

/** A caller's end of one. */
export interface CallerStream extends MessageStream {
  /** Gives up at once, whatever is on its way. */
  cancel(): void;
}
