import type { Redis } from 'iovalkey';
import { giveBackChunk } from '../../../foundation/socket-chunk.ts';
import { Mget } from './redis-mget.ts';

const [LF, MINUS, ZERO] = ['\n', '-', '0'].map((sign) => sign.charCodeAt(0));
const [ARRAY, BULK, INTEGER, STRING, ERROR] = ['*', '$', ':', '+', '-'].map((sign) => sign.charCodeAt(0));
/** CR and LF, which end a bulk string as they end a line. */
const END_BYTES = 2;
/** `$`, the digits of the longest there may be, CR and LF. */
const LONGEST_HEAD = 12;
/** What the protocol lets a bulk string be. */
const MAX_VALUE_BYTES = 512 * 1024 * 1024;

/**
 * Has the replies to MGETs (`mget` of redis-mget.ts) read where they lie, on the next connection of this client and those
 * after it. All others stay with the client, whose parser makes a Buffer of each value. To be called before it connects;
 * it must send no command again when a connection breaks (`maxRetriesPerRequest: 0`): values may have been taken by then.
 */
export function readValuesInPlace(client: Redis): void {
  client.on('connect', () => {
    const { stream } = client;
    // The client has put its own before all others, and nothing can have come yet.
    const [own] = stream.listeners('data') as ((chunk: Buffer) => void)[];
    stream.removeListener('data', own);
    const replies = new Replies(client, own);
    stream.prependListener('data', (chunk: Buffer) => {
      if (!replies.take(chunk)) stream.destroy(new Error('The server sent what is no reply of RESP2.'));
    });
  });
}

/**
 * The replies on one connection (RESP2, Redis serialization protocol specification): each is for the command that has
 * waited longest. A chunk may end anywhere in one. What is not ours goes to the client as it came.
 */
class Replies {
  readonly #client: Redis;
  readonly #toClient: (chunk: Buffer) => void;
  /** Elements of the reply under way that have not ended; 0 between replies. */
  #elements = 0;
  /** Whose the reply under way is, where it is ours. */
  #mget: Mget | undefined;
  /** The line under way: what it begins with, 0 between lines, and its number so far. */
  #type = 0;
  #number = 0;
  #isNegative = false;
  /** Bytes that are to come of the bulk string under way, its end among them; 0 where none is. */
  #bulkLeft = 0;
  /** One of our values that no chunk has whole, its end with it. */
  #gathered: Buffer | undefined;
  /** Where in the chunk that begins which the client has not got yet. */
  #unseen = 0;
  /** Replies that ended there: that many commands of the client's queue have theirs already. */
  #ended = 0;
  /** Whether the client has got some of the chunk. */
  #isShared = false;

  constructor(client: Redis, toClient: (chunk: Buffer) => void) {
    this.#client = client;
    this.#toClient = toClient;
  }

  /** False where it is no reply: nothing that follows could be told from what came before. */
  take(chunk: Buffer): boolean {
    this.#unseen = 0;
    this.#isShared = false;
    for (let at = 0; at < chunk.length;) {
      if (this.#elements === 0) this.#begin(chunk, at);
      at = this.#bulkLeft > 0 ? this.#readBulk(chunk, at) : this.#readLine(chunk, at);
      if (at < 0) return false;
      if (this.#mget !== undefined) at = this.#readWholeValues(this.#mget, chunk, at);
      if (this.#elements === 0) this.#end(at);
    }
    if (this.#mget === undefined) this.#handOver(chunk, chunk.length);
    if (!this.#isShared) giveBackChunk(chunk);
    return true;
  }

  /** Values of ours that the chunk has whole, in a loop that keeps no state: nearly all there are. Where others begin. */
  #readWholeValues(mget: Mget, chunk: Buffer, start: number): number {
    const atLine = this.#type === 0 && this.#bulkLeft === 0;
    let at = start;
    let left = atLine ? this.#elements : 0;
    while (left > 0 && at + LONGEST_HEAD <= chunk.length && chunk[at] === BULK) {
      let length = 0;
      let to = at + 1;
      for (; chunk[to] >= ZERO; to++) length = length * 10 + chunk[to] - ZERO;
      const from = to + END_BYTES;
      const next = from + length + END_BYTES;
      if (to === at + 1 || next > chunk.length) break;
      mget.take(chunk, from, from + length);
      at = next;
      left--;
    }
    if (atLine) this.#elements = left;
    return at;
  }

  #begin(chunk: Buffer, at: number): void {
    this.#elements = 1;
    // A refusal is the client's to tell.
    if (chunk[at] !== ARRAY) return;
    const waiting = this.#client.commandQueue.peekAt(this.#ended);
    if (!(waiting?.command instanceof Mget)) return;
    this.#handOver(chunk, at);
    this.#mget = waiting.command;
  }

  #end(at: number): void {
    if (this.#mget === undefined) {
      this.#ended++;
      return;
    }
    this.#client.commandQueue.shift();
    this.#mget.resolve(undefined);
    this.#mget = undefined;
    this.#unseen = at;
  }

  #handOver(chunk: Buffer, end: number): void {
    this.#ended = 0;
    if (this.#unseen === end) return;
    this.#isShared = true;
    this.#toClient(chunk.subarray(this.#unseen, end));
  }

  /** Where the next begins, or the chunk ends; less than 0 where this is no line. */
  #readLine(chunk: Buffer, start: number): number {
    let at = start;
    if (this.#type === 0) {
      this.#type = chunk[at++];
      this.#number = 0;
      this.#isNegative = false;
    }
    switch (this.#type) {
      case ARRAY:
      case BULK:
        break;
      case INTEGER:
      case STRING:
      case ERROR: {
        const end = this.#mget === undefined ? chunk.indexOf(LF, at) : -2;
        if (end === -2) return -1;
        if (end < 0) return chunk.length;
        this.#type = 0;
        this.#elements--;
        return end + 1;
      }
      default:
        return -1;
    }
    while (at < chunk.length) {
      const byte = chunk[at++];
      if (byte === LF) return this.#readHead() ? at : -1;
      if (byte === MINUS) this.#isNegative = true;
      else if (byte >= ZERO) this.#number = this.#number * 10 + byte - ZERO;
    }
    return at;
  }

  /** Of an array or a bulk string, whose length has come. */
  #readHead(): boolean {
    const isArray = this.#type === ARRAY;
    this.#type = 0;
    if (isArray) {
      if (this.#mget && !this.#mget.begin(this.#isNegative ? -1 : this.#number)) return false;
      this.#elements += this.#isNegative ? -1 : this.#number - 1;
    } else if (this.#isNegative) {
      this.#mget?.take(null, 0, 0);
      this.#elements--;
    } else {
      this.#bulkLeft = this.#number + END_BYTES;
      return this.#mget === undefined || this.#number <= MAX_VALUE_BYTES;
    }
    return true;
  }

  #readBulk(chunk: Buffer, at: number): number {
    const left = this.#bulkLeft;
    const taken = Math.min(left, chunk.length - at);
    if (this.#mget) this.#readValue(this.#mget, chunk, at, taken);
    this.#bulkLeft = left - taken;
    if (taken === left) this.#elements--;
    return at + taken;
  }

  #readValue(mget: Mget, chunk: Buffer, at: number, taken: number): void {
    const left = this.#bulkLeft;
    if (this.#gathered === undefined) {
      if (taken === left) return mget.take(chunk, at, at + left - END_BYTES);
      this.#gathered = Buffer.allocUnsafe(left);
    }
    const gathered = this.#gathered;
    gathered.set(chunk.subarray(at, at + taken), gathered.length - left);
    if (taken < left) return;
    mget.take(gathered, 0, gathered.length - END_BYTES);
    this.#gathered = undefined;
  }
}
