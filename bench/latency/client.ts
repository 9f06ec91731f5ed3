import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

/** One HTTP/1.1 request as it goes over the wire, made once: a generator of load must cost less than what it measures. */
export function requestBytes(url: URL, body: string): Buffer {
  const head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}

/** Told of an answer when it is whole. */
type OnAnswer = (connection: Connection, status: number, body: Buffer) => void;

/** A kept connection with one request on its way at a time. Anything but a whole answer is an error. */
export class Connection {
  readonly #socket: Socket;
  readonly #onAnswer: OnAnswer;
  #status = 0;
  #head = '';
  #missing = 0;
  #body: Buffer[] = [];
  /** When its last answer was whole. */
  idleSinceMs = performance.now();

  constructor(url: URL, onAnswer: OnAnswer, onError: (error: Error) => void) {
    this.#onAnswer = onAnswer;
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    this.#socket.on('error', onError);
    this.#socket.on('end', () => onError(new Error('the server closed a connection')));
    this.#socket.on('data', (chunk: Buffer) => {
      try {
        this.#read(chunk);
      } catch (error) {
        onError(error as Error);
      }
    });
  }

  send(request: Buffer): void {
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.removeAllListeners('end').destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#missing > 0) return this.#take(chunk);
    // A head comes in one piece nearly always; where it does not, what came is put before the rest.
    const whole = this.#head === '' ? chunk : Buffer.concat([Buffer.from(this.#head, 'latin1'), chunk]);
    const end = whole.indexOf(HEAD_END);
    if (end < 0) {
      this.#head = whole.toString('latin1');
      return;
    }
    this.#head = '';
    const head = whole.toString('latin1', 0, end + 2);
    const length = LENGTH.exec(head)?.[1];
    if (length === undefined) throw new Error(`answered ${head}`);
    this.#status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    this.#missing = Number(length);
    this.#take(whole.subarray(end + HEAD_END.length));
  }

  #take(chunk: Buffer): void {
    this.#body.push(chunk);
    this.#missing -= chunk.length;
    if (this.#missing > 0) return;
    const body = this.#body.length === 1 ? this.#body[0] : Buffer.concat(this.#body);
    this.#body = [];
    this.idleSinceMs = performance.now();
    this.#onAnswer(this, this.#status, body);
  }
}
