/**
 * Arrays of numbers, carved from slabs as Node carves small Buffers from its pool. A typed array of more than 64 bytes
 * has its memory outside the heap, and getting that costs 600 to 900 ns and hurries the collector; so does the `.buffer`
 * of a smaller one. Ten fields of a view would be 9 µs a request, as much as reading ten rows. A view on a slab costs
 * 40 ns. Slabs are never reused: memory is zero when it is handed out, and goes when the last array on it goes. What
 * lives longer than a request copies.
 */
const SLAB_BYTES = 256 * 1024;
/** Larger arrays get memory of their own: they would leave too much of a slab unused. */
const LARGEST_BYTES = SLAB_BYTES / 4;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

/** `length` zeros. */
export function newNumbers(length: number): Float64Array {
  if (length * 8 > LARGEST_BYTES) return new Float64Array(length);
  const at = take(length * 8);
  return new Float64Array(slab, at, length);
}

/** `length` zeros of single precision. */
export function newSingles(length: number): Float32Array {
  if (length * 4 > LARGEST_BYTES) return new Float32Array(length);
  const at = take(length * 4);
  return new Float32Array(slab, at, length);
}

/** `length` zero bytes, where any number can begin: at a multiple of eight. */
export function newBytes(length: number): Uint8Array {
  if (length > LARGEST_BYTES) return new Uint8Array(length);
  const at = take(length);
  return new Uint8Array(slab, at, length);
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
