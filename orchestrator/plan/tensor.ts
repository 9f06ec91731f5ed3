/** One tensor of a call: `shape` row-major; `data` is raw little-endian numbers, or strings for BYTES. */
export interface Tensor {
  name: string;
  datatype: 'FP64' | 'FP32' | 'INT64' | 'INT32' | 'BOOL' | 'BYTES';
  shape: readonly number[];
  data: Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array | string[];
}
