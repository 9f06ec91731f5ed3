/** One of the parameters' value fields is set; int64 is decimal text, since a number would round it. */
interface InferParameter {
  bool_param?: boolean;
  int64_param?: string;
  string_param?: string;
  double_param?: number;
  uint64_param?: string;
}
export type InferParameters = Record<string, InferParameter>;

/** Values in the list that fits the datatype; 64-bit integers as decimal text. */
export interface InferTensorContents {
  bool_contents?: boolean[];
  int_contents?: number[];
  int64_contents?: string[];
  uint_contents?: number[];
  uint64_contents?: string[];
  fp32_contents?: number[];
  fp64_contents?: number[];
  bytes_contents?: Uint8Array[];
}

/** A tensor's description; its values are in the raw contents at the same index, or else in `contents`. */
export interface InferTensor {
  name: string;
  datatype: string;
  shape: readonly number[];
  parameters?: InferParameters;
  contents?: InferTensorContents | null;
}

/** The bytes of one tensor: whole, or in pieces that the codec lays side by side in the message itself. */
export type RawContent = Uint8Array | readonly Uint8Array[];

/** `Raw` is `Buffer` in a message that was read. */
export interface ModelInferRequest<Raw extends RawContent = Buffer> {
  model_name: string;
  model_version?: string;
  id?: string;
  parameters?: InferParameters;
  inputs: InferTensor[];
  outputs?: { name: string; parameters?: InferParameters }[];
  raw_input_contents: Raw[];
}

/** `Raw` is `Buffer` in a message that was read. */
export interface ModelInferResponse<Raw extends RawContent = Buffer> {
  model_name: string;
  model_version?: string;
  id?: string;
  parameters?: InferParameters;
  outputs: InferTensor[];
  raw_output_contents: Raw[];
}

/** One of both is set: `error_message` where a whole message could not be read. */
export interface ModelStreamInferResponse<Raw extends RawContent = Buffer> {
  error_message?: string;
  infer_response?: ModelInferResponse<Raw> | null;
}

export interface ServerMetadata {
  name: string;
  version: string;
  extensions: string[];
}

/** Shapes are decimal text here (int64 on the wire); `-1` is a free dimension. */
export interface ModelMetadata {
  name: string;
  versions: string[];
  platform: string;
  inputs: { name: string; datatype: string; shape: (string | number)[] }[];
  outputs: { name: string; datatype: string; shape: (string | number)[] }[];
}

export interface ModelRepositoryParameter {
  bool_param?: boolean;
  int64_param?: string;
  string_param?: string;
  bytes_param?: Uint8Array;
}

export interface RepositoryModelRequest {
  repository_name?: string;
  model_name: string;
  parameters?: Record<string, ModelRepositoryParameter>;
}

export interface RepositoryIndex {
  models: { name: string; version: string; state: string; reason: string }[];
}
