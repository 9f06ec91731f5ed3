import { readParts, type FileParts } from './file-parts.ts';
import type { ModelColumn, ModelInputs } from './model-inputs.ts';
import { protobufFields, type ProtobufField } from './protobuf-fields.ts';

/** Field numbers of github.com/onnx/onnx, onnx/onnx.proto. */
const MODEL = { graph: 7, properties: 14 };
const GRAPH = { initializer: 5, input: 11 };
const INITIALIZER = { name: 8 };
const INPUT = { name: 1, type: 2 };
const TYPE = { tensor: 1 };
const TENSOR = { elementType: 1, shape: 2 };
const SHAPE = { dimension: 1 };
const DIMENSION = { size: 1 };
const PROPERTY = { key: 1, value: 2 };

/** TensorProto.DataType: those of floating point, then text and bool; all others are whole numbers. */
const FLOATS = new Set([1, 10, 11, 16, 17, 18, 19, 20]);
const STRING = 8;
const BOOL = 9;

/** The property in which a model says what the columns of its one matrix are: a JSON array of their names. */
const NAMES = 'feature_names';

interface Input {
  name: string;
  kind: NonNullable<ModelColumn['kind']>;
  /** Columns of `[N]` and `[N, F]`; undefined where F is free, or the shape another. */
  width: number | undefined;
}

/**
 * The inputs of an ONNX model, as its graph declares them: one of `[N, F]`, whose columns the property `feature_names`
 * may name, or several of one column each, which is how skl2onnx writes a pipeline that was trained on a table.
 * @throws Error with a sentence where the file is no model, or names another number of columns than it takes.
 */
export function onnxInputs(path: string): ModelInputs | undefined {
  const { inputs, names } = readParts(path, readModel);
  if (inputs.length === 1 && inputs[0].width !== 1) return matrixInputs(inputs[0].width, names);
  if (inputs.every(({ width }) => width === 1)) {
    const columns = inputs.map(({ name, kind }) => ({ name, kind }));
    // One column alone is a matrix as well, and then its name is the tensor's.
    return { width: columns.length, columns: columns.length > 1 ? columns : undefined, isByName: true };
  }
  const widths = inputs.map(({ width }) => width);
  if (!widths.every((width) => width !== undefined)) return undefined;
  return { width: widths.reduce((sum, width) => sum + width, 0), columns: undefined, isByName: true };
}

function matrixInputs(width: number | undefined, names: readonly string[] | undefined): ModelInputs {
  if (names !== undefined && width !== undefined && names.length !== width) {
    throw new Error(`its ${NAMES} are ${names.length}, and its input has ${width} columns`);
  }
  return { width: names?.length ?? width, columns: names?.map((name) => ({ name })), isByName: false };
}

function readModel(file: FileParts): { inputs: Input[]; names: string[] | undefined } {
  let inputs: Input[] | undefined;
  let names: string[] | undefined;
  try {
    for (const field of protobufFields(file, 0, file.size)) {
      if (field.number === MODEL.graph) inputs = readGraph(file, field);
      if (field.number === MODEL.properties) names = readNames(file, field) ?? names;
    }
  } catch (cause) {
    throw new Error('it is no ONNX model', { cause });
  }
  if (inputs === undefined) throw new Error('it is no ONNX model');
  return { inputs, names };
}

/** What a caller feeds: up to IR version 3 weights were inputs too, with a value that nobody has to send. */
function readGraph(file: FileParts, graph: ProtobufField): Input[] {
  const weights = new Set<string>();
  const inputs: Input[] = [];
  for (const field of protobufFields(file, graph.start, graph.end)) {
    if (field.number === GRAPH.initializer) weights.add(textOf(file, field, INITIALIZER.name));
    if (field.number === GRAPH.input) inputs.push(...readInput(file, field));
  }
  return inputs.filter(({ name }) => !weights.has(name));
}

/** None where the input is no tensor. */
function readInput(file: FileParts, input: ProtobufField): Input[] {
  const type = partOf(file, input, INPUT.type);
  const tensor = type && partOf(file, type, TYPE.tensor);
  if (tensor === undefined) return [];
  const element = partOf(file, tensor, TENSOR.elementType)?.value ?? 0;
  const shape = partOf(file, tensor, TENSOR.shape);
  const sizes = shape === undefined ? [] : partsOf(file, shape, SHAPE.dimension).map((each) => sizeOf(file, each));
  return [{ name: textOf(file, input, INPUT.name), kind: kindOf(element), width: widthOf(sizes) }];
}

function sizeOf(file: FileParts, dimension: ProtobufField): number | undefined {
  return partOf(file, dimension, DIMENSION.size)?.value || undefined;
}

function widthOf(sizes: readonly (number | undefined)[]): number | undefined {
  if (sizes.length === 1) return 1;
  return sizes.length === 2 ? sizes[1] : undefined;
}

function kindOf(element: number): Input['kind'] {
  if (element === STRING) return 'string';
  if (element === BOOL) return 'bool';
  return FLOATS.has(element) ? 'number' : 'integer';
}

function readNames(file: FileParts, property: ProtobufField): string[] | undefined {
  if (textOf(file, property, PROPERTY.key) !== NAMES) return undefined;
  const text = textOf(file, property, PROPERTY.value);
  // Whatever else a tool may have put there is not ours.
  if (!/^\s*\[/.test(text)) return undefined;
  const names: unknown = JSON.parse(text);
  return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
}

function partsOf(file: FileParts, { start, end }: ProtobufField, number: number): ProtobufField[] {
  return Array.from(protobufFields(file, start, end)).filter((field) => field.number === number);
}

function partOf(file: FileParts, message: ProtobufField, number: number): ProtobufField | undefined {
  return partsOf(file, message, number).at(-1);
}

function textOf(file: FileParts, message: ProtobufField, number: number): string {
  const part = partOf(file, message, number);
  return part === undefined ? '' : file.read(part.start, part.end).toString('utf8');
}
