/**
 * Arrays for columns, carved from slabs as Node carves small Buffers from its pool. A typed array of more than 64 bytes
 * has its memory outside the heap, and getting that costs about 900 ns; ten fields of a view would be 9 µs a request,
 * as much as reading ten rows. A view on a slab costs 60 ns. Slabs are never reused: memory is zero when it is handed
 * out, and goes when the last array on it goes. What lives longer than a request copies.
 */
const SLAB_BYTES = 256 * 1024;
/** V8 keeps typed arrays up to this size in the heap, where they are cheapest. */
const ON_HEAP_BYTES = 64;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

/** `length` zeros. */
export function newNumbers(length: number): Float64Array {
  const bytes = length * 8;
  if (bytes <= ON_HEAP_BYTES || bytes > SLAB_BYTES / 4) return new Float64Array(length);
  const at = take(bytes);
  return new Float64Array(slab, at, length);
}

/** `length` zeros of single precision. */
export function newSingles(length: number): Float32Array {
  const bytes = length * 4;
  if (bytes <= ON_HEAP_BYTES || bytes > SLAB_BYTES / 4) return new Float32Array(length);
  const at = take(bytes);
  return new Float32Array(slab, at, length);
}

/** `length` zero bytes: states, which are PRESENT of no source. */
export function newStates(length: number): Uint8Array {
  if (length <= ON_HEAP_BYTES || length > SLAB_BYTES / 4) return new Uint8Array(length);
  const at = take(length);
  return new Uint8Array(slab, at, length);
}

/** `length` places for texts, to be filled: `Array.from({ length })` takes 40 ns a place, this 1. */
export function newTexts(length: number): (string | null)[] {
  return new Array<string | null>(length);
}

/** Where the next `bytes` begin; read `slab` only after, since this may have begun a new one. */
function take(bytes: number): number {
  if (used + bytes > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const start = used;
  used += (bytes + 7) & ~7;
  return start;
}
