/**
 * Writes small ONNX models byte by byte (field numbers: github.com/onnx/onnx, onnx/onnx.proto), so that the tests need
 * neither Python nor binary files.
 */
const ELEMENT_TYPES = { float: 1, int64: 7, string: 8, double: 11 } as const;

export interface ModelValue {
  name: string;
  type: keyof typeof ELEMENT_TYPES;
  /** A text is a free dimension. */
  shape: (number | string)[];
}

export interface ModelNode {
  op: string;
  inputs: string[];
  outputs: string[];
  /** Integer attributes. */
  attributes?: Record<string, number | number[]>;
}

/** What a model may have beside: names of weights, each of one element, and its properties. */
export interface ModelExtras {
  weights?: string[];
  properties?: Record<string, string>;
}

export function onnxModel(
  inputs: ModelValue[],
  outputs: ModelValue[],
  nodes: ModelNode[],
  { weights = [], properties = {} }: ModelExtras = {},
): Uint8Array {
  const graph = [
    ...nodes.map((node) => bytes(1, nodeProto(node))),
    bytes(2, Buffer.from('test')),
    ...weights.map((name) => bytes(5, weight(name))),
    ...inputs.map((value) => bytes(11, valueInfo(value))),
    ...outputs.map((value) => bytes(12, valueInfo(value))),
  ];
  const opset = [bytes(1, Buffer.alloc(0)), varint(2, 11)];
  const named = Object.entries(properties).map(([key, value]) =>
    bytes(14, Buffer.concat([bytes(1, Buffer.from(key)), bytes(2, Buffer.from(value))])),
  );
  return Buffer.concat([varint(1, 7), bytes(7, Buffer.concat(graph)), bytes(8, Buffer.concat(opset)), ...named]);
}

/** TensorProto: `dims`, `data_type` 1 (FLOAT), `name`, `raw_data`. */
function weight(name: string): Buffer {
  return Buffer.concat([varint(1, 1), varint(2, 1), bytes(8, Buffer.from(name)), bytes(9, Buffer.alloc(4))]);
}

/** The sum of each row, and which of its values is the largest: what a regressor and a classifier's label look like. */
export const SUM_AND_LARGEST = onnxModel(
  [{ name: 'x', type: 'float', shape: ['n', 2] }],
  [
    { name: 'sum', type: 'float', shape: ['n', 1] },
    { name: 'largest', type: 'int64', shape: ['n'] },
  ],
  [
    { op: 'ReduceSum', inputs: ['x'], outputs: ['sum'], attributes: { axes: [1], keepdims: 1 } },
    { op: 'ArgMax', inputs: ['x'], outputs: ['largest'], attributes: { axis: 1, keepdims: 0 } },
  ],
);

function nodeProto({ op, inputs, outputs, attributes = {} }: ModelNode): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => bytes(1, Buffer.from(name))),
    ...outputs.map((name) => bytes(2, Buffer.from(name))),
    bytes(4, Buffer.from(op)),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
  ]);
}

/** AttributeProto: `i` with type 2 (INT), or `ints` with type 7 (INTS). */
function attribute(name: string, value: number | number[]): Buffer {
  const head = bytes(1, Buffer.from(name));
  if (typeof value === 'number') return Buffer.concat([head, varint(3, value), varint(20, 2)]);
  return Buffer.concat([head, ...value.map((item) => varint(8, item)), varint(20, 7)]);
}

function valueInfo({ name, type, shape }: ModelValue): Buffer {
  const dimensions = shape.map((size) =>
    bytes(1, typeof size === 'number' ? varint(1, size) : bytes(2, Buffer.from(size))),
  );
  const tensor = Buffer.concat([varint(1, ELEMENT_TYPES[type]), bytes(2, Buffer.concat(dimensions))]);
  return Buffer.concat([bytes(1, Buffer.from(name)), bytes(2, bytes(1, tensor))]);
}

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([base128((field << 3) | 2), base128(content.length), content]);
}

function varint(field: number, value: number): Buffer {
  return Buffer.concat([base128(field << 3), base128(value)]);
}

function base128(value: number): Buffer {
  const digits: number[] = [];
  let rest = value;
  for (; rest >= 128; rest >>>= 7) digits.push((rest & 127) | 128);
  return Buffer.from([...digits, rest]);
}
