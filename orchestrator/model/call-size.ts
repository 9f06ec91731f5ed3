import type { Tensor } from './client.ts';

/** The bytes of a call's tensors on the wire; of strings their UTF-16 units, which are as many where they are ASCII. */
export function tensorBytes(tensors: readonly Tensor[]): number {
  let bytes = 0;
  for (const { data } of tensors) {
    if (!Array.isArray(data)) bytes += data.byteLength;
    else for (const text of data) bytes += 4 + text.length;
  }
  return bytes;
}
