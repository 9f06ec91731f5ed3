/**
 * Gives the memory of what a socket read back now; nobody may hold a view of it. Each read has its own, outside of the
 * heap, and whenever there are 64 MiB of it V8 marks all of the heap: with values of some kilobytes that was a third of
 * what reading them took.
 */
export function giveBackChunk({ buffer, byteOffset, length }: Buffer): void {
  const isWhole = byteOffset === 0 && length === buffer.byteLength;
  if (isWhole && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
