import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, type InputType, type ZlibOptions } from 'node:zlib';
import type { CancelSignal } from '../../../foundation/cancel-signal.ts';
import { Slots } from '../slots.ts';

/**
 * Bytes of an answer's body, as it comes and as it unpacks. Reading stops there: a hundred keys a call are some 20 KB,
 * and parsing 8 MiB of small objects already holds everything else up for 150 ms.
 */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** What we can unpack, for `accept-encoding`. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

type Unpack = (packed: InputType, options: ZlibOptions) => Promise<Buffer>;

const gunzipped = promisify(gunzip) as Unpack;
const UNPACKERS: Readonly<Record<string, Unpack>> = {
  gzip: gunzipped,
  'x-gzip': gunzipped,
  // "deflate" is zlib's format; some servers send the bare stream. Zlib's begins with a method of 8 in the low bits.
  deflate: (packed, options) => {
    const isZlib = ((packed as Buffer)[0] & 0x0f) === 8;
    return (promisify(isZlib ? inflate : inflateRaw) as Unpack)(packed, options);
  },
  br: promisify(brotliDecompress),
};

/**
 * Bodies that are unpacked at one time: ordinary ones take 0.1 ms each, and one that grows to the bound takes 8. A service
 * that packs bombs into all of its answers would keep both cores of a pod from everything else for half a second.
 */
const UNPACKING = new Slots(2);

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON of a body that is at hand. Unpacking runs on zlib's threads and ends at the bound, whatever the packed bytes
 * would become; a body that waits for its turn is left alone when `stop` says that nobody waits for it. Rejects with an Error whose message is for the log: an unknown packing, one that is broken or grows
 * beyond the bound, bytes that are not UTF-8, text that is not JSON.
 */
export function readJson(chunks: readonly Buffer[], encoding: string | undefined, stop: CancelSignal): unknown {
  const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
  const name = encoding === undefined ? 'identity' : encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return parse(bytes);
  if (!Object.hasOwn(UNPACKERS, name)) throw new Error('the body is packed in a way that was not asked for');
  return unpacked(UNPACKERS[name], bytes, stop).then(parse);
}

async function unpacked(unpack: Unpack, bytes: Buffer, stop: CancelSignal): Promise<Buffer> {
  if (!(await UNPACKING.take(stop))) throw new Error('nobody waits for the body any more');
  try {
    return await unpack(bytes, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    const isLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const reason = isLarge ? `the body unpacks to more than ${MAX_BODY_BYTES} bytes` : 'the body cannot be unpacked';
    throw new Error(reason, { cause });
  } finally {
    UNPACKING.release();
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    throw new Error('the body is not JSON'); // what it is instead may hold anything: it does not go to the log
  }
}
