/**
 * `tandem.stream.v1`: the calls that are ready in one tick travel as the parts of one ordinary ModelInferRequest, and
 * come back as the parts of one or several ModelInferResponses. Measured (no-op model, 16 callers, 10 rows): 64,000
 * calls/s against 38,000 with one message a call and 7,400 with unary calls.
 *
 * Request: `tandem.parts` INT64 [P,3] = id, rows, remaining µs; `tandem.parameters` and `tandem.trace` BYTES [P] where
 * any part has them; then the model's tensors, each of the rows of all parts.
 * Answer: `tandem.parts` INT64 [P,3] = id, rows, status (0 or a gRPC code); `tandem.errors` BYTES [P] where any failed,
 * each JSON `{code,error}`; then the outputs of the parts that did not fail (a failed one has 0 rows).
 * Cancel: `tandem.cancel` INT64 [K] = ids.
 *
 * Messages of one stream are read in order, answers come in any. A part is answered once, also one that expired in the
 * queue (status 4) or was cancelled (status 1): that is how its caller's share of the bounds comes free.
 */
import { AppError } from '../foundation/errors.ts';
import type { InferTensor, ModelInferRequest, ModelInferResponse, RawContent } from './messages.ts';
import { splitRows, type RawTensor } from './rows.ts';
import { decodeTensor, encodeStrings } from './tensors.ts';

const PARTS = 'tandem.parts';
const PARAMETERS = 'tandem.parameters';
const TRACE = 'tandem.trace';
const ERRORS = 'tandem.errors';
const CANCEL = 'tandem.cancel';
const PART_BYTES = 24;

/** One call within a merged request. */
export interface Part {
  /** Of the stream, 1 to 2^53 - 1, not used twice while it is in flight. */
  id: number;
  rows: number;
  /** What is left of its deadline, whole µs; 0 or less: it has passed. */
  remainingUs: number;
  tensors: readonly RawTensor[];
  /** JSON text. */
  parameters?: string;
  /** W3C traceparent. */
  trace?: string;
}

/** One call's answer within a merged answer. */
export interface PartAnswer {
  id: number;
  rows: number;
  /** 0, or the gRPC code of its failure. */
  status: number;
  /** JSON text `{"code","error"}` of a failed part. */
  error?: string;
  outputs: readonly RawTensor[];
}

/** Whether two parts fit one message: the same tensors, alike in all but the rows. */
export function sameLayout(left: readonly RawTensor[], right: readonly RawTensor[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) {
    const one = left[index];
    const other = right[index];
    if (one.name !== other.name || one.datatype !== other.datatype) return false;
    if (one.shape.length !== other.shape.length) return false;
    for (let axis = 1; axis < one.shape.length; axis++) if (one.shape[axis] !== other.shape[axis]) return false;
  }
  return true;
}

/** The merged request of one or more parts of the same layout. Holds the parts' own bytes; the codec copies them, once. */
export function mergeParts(
  modelName: string,
  modelVersion: string,
  parts: readonly Part[],
): ModelInferRequest<RawContent> {
  const table = Buffer.allocUnsafe(parts.length * PART_BYTES);
  let rows = 0;
  let hasParameters = false;
  let hasTrace = false;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    writePart(table, index, part.id, part.rows, part.remainingUs);
    rows += part.rows;
    hasParameters ||= part.parameters !== undefined;
    hasTrace ||= part.trace !== undefined;
  }
  const inputs: InferTensor[] = [{ name: PARTS, datatype: 'INT64', shape: [parts.length, 3] }];
  const raws: RawContent[] = [table];
  if (hasParameters) pushTexts(inputs, raws, PARAMETERS, parts, (part) => part.parameters);
  if (hasTrace) pushTexts(inputs, raws, TRACE, parts, (part) => part.trace);
  pushTensors(inputs, raws, rows, parts, (part) => part.tensors);
  return { model_name: modelName, model_version: modelVersion, inputs, raw_input_contents: raws };
}

/** The parts of a merged request, each with views of its own rows; undefined where it is an ordinary one. Throws INVALID_INPUT. */
export function readParts(request: ModelInferRequest): Part[] | undefined {
  if (request.inputs[0]?.name !== PARTS) return undefined;
  const tensors = rawTensors(request.inputs, request.raw_input_contents);
  const table = tensors[0].raw;
  const count = partCount(tensors[0]);
  let first = 1;
  const optionalTexts = (name: string): string[] | undefined =>
    tensors[first]?.name === name ? textsOf(tensors[first++], count) : undefined;
  const parameters = optionalTexts(PARAMETERS);
  const traces = optionalTexts(TRACE);
  const rows = readColumn(table, count, 1);
  const split = splitRows(tensors.slice(first), rows);
  const parts: Part[] = [];
  for (let index = 0; index < count; index++) {
    const part: Part = {
      id: readInt64(table, index * PART_BYTES),
      rows: rows[index],
      remainingUs: readInt64(table, index * PART_BYTES + 16),
      tensors: split[index],
    };
    if (parameters?.[index]) part.parameters = parameters[index];
    if (traces?.[index]) part.trace = traces[index];
    parts.push(part);
  }
  return parts;
}

/** The merged answer of one or more parts; those that did not fail have the same layout. */
export function mergeAnswers(
  modelName: string,
  modelVersion: string,
  answers: readonly PartAnswer[],
): ModelInferResponse<RawContent> {
  const table = Buffer.allocUnsafe(answers.length * PART_BYTES);
  const succeeded = answers.filter((answer) => answer.status === 0);
  let rows = 0;
  for (let index = 0; index < answers.length; index++) {
    const answer = answers[index];
    const partRows = answer.status === 0 ? answer.rows : 0;
    writePart(table, index, answer.id, partRows, answer.status);
    rows += partRows;
  }
  const outputs: InferTensor[] = [{ name: PARTS, datatype: 'INT64', shape: [answers.length, 3] }];
  const raws: RawContent[] = [table];
  if (succeeded.length < answers.length) pushTexts(outputs, raws, ERRORS, answers, (answer) => answer.error);
  if (succeeded.length > 0) pushTensors(outputs, raws, rows, succeeded, (answer) => answer.outputs);
  return { model_name: modelName, model_version: modelVersion, outputs, raw_output_contents: raws };
}

/** The parts of a merged answer, each with views of its own rows; undefined where it is an ordinary one. Throws INVALID_INPUT. */
export function readAnswers(response: ModelInferResponse): PartAnswer[] | undefined {
  if (response.outputs[0]?.name !== PARTS) return undefined;
  const tensors = rawTensors(response.outputs, response.raw_output_contents);
  const table = tensors[0].raw;
  const count = partCount(tensors[0]);
  const hasErrors = tensors[1]?.name === ERRORS;
  const errors = hasErrors ? textsOf(tensors[1], count) : undefined;
  const rows = readColumn(table, count, 1);
  const split = splitRows(tensors.slice(hasErrors ? 2 : 1), rows);
  const answers: PartAnswer[] = [];
  for (let index = 0; index < count; index++) {
    const status = readInt64(table, index * PART_BYTES + 16);
    const answer: PartAnswer = {
      id: readInt64(table, index * PART_BYTES),
      rows: rows[index],
      status,
      outputs: status === 0 ? split[index] : [],
    };
    if (errors?.[index]) answer.error = errors[index];
    answers.push(answer);
  }
  return answers;
}

/** The message that tells a server to drop these parts. */
export function cancelRequest(modelName: string, ids: readonly number[]): ModelInferRequest<RawContent> {
  const raw = Buffer.allocUnsafe(ids.length * 8);
  ids.forEach((id, index) => writeInt64(raw, index * 8, id));
  const inputs = [{ name: CANCEL, datatype: 'INT64', shape: [ids.length] }];
  return { model_name: modelName, inputs, raw_input_contents: [raw] };
}

/** The ids that a cancel message names; undefined where it is another message. Throws INVALID_INPUT. */
export function readCancel(request: ModelInferRequest): number[] | undefined {
  if (request.inputs[0]?.name !== CANCEL) return undefined;
  const raw = request.raw_input_contents[0];
  if (raw === undefined || raw.length % 8 !== 0) throw malformed();
  return Array.from({ length: raw.length / 8 }, (_, index) => readInt64(raw, index * 8));
}

/** The tensors of a message that sends raw contents, each with its bytes. Throws INVALID_INPUT where one has none. */
export function rawTensors(tensors: readonly InferTensor[], raws: readonly Buffer[]): RawTensor[] {
  if (raws.length !== tensors.length) throw malformed();
  return tensors.map(({ name, datatype, shape }, index) => ({ name, datatype, shape, raw: raws[index] }));
}

function pushTexts<T>(
  tensors: InferTensor[],
  raws: RawContent[],
  name: string,
  parts: readonly T[],
  textOf: (part: T) => string | undefined,
): void {
  tensors.push({ name, datatype: 'BYTES', shape: [parts.length] });
  raws.push(encodeStrings(parts.map(textOf)));
}

function pushTensors<T>(
  tensors: InferTensor[],
  raws: RawContent[],
  rows: number,
  parts: readonly T[],
  tensorsOf: (part: T) => readonly RawTensor[],
): void {
  const layout = tensorsOf(parts[0]);
  for (let index = 0; index < layout.length; index++) {
    const { name, datatype, shape } = layout[index];
    tensors.push({ name, datatype, shape: [rows, ...shape.slice(1)] });
    raws.push(parts.map((part) => tensorsOf(part)[index].raw));
  }
}

function partCount(table: RawTensor): number {
  const count = table.raw.byteLength / PART_BYTES;
  if (table.datatype !== 'INT64' || !Number.isInteger(count) || table.shape[0] !== count) throw malformed();
  return count;
}

function textsOf(tensor: RawTensor, count: number): string[] {
  if (tensor.datatype !== 'BYTES') throw malformed();
  return decodeTensor('BYTES', tensor.raw, count) as string[];
}

function readColumn(table: Uint8Array, count: number, column: number): number[] {
  const values: number[] = [];
  for (let index = 0; index < count; index++) values.push(readInt64(table, index * PART_BYTES + column * 8));
  return values;
}

function writePart(table: Buffer, index: number, id: number, rows: number, third: number): void {
  writeInt64(table, index * PART_BYTES, id);
  writeInt64(table, index * PART_BYTES + 8, rows);
  writeInt64(table, index * PART_BYTES + 16, third);
}

/** As two 32-bit halves: a BigInt for each would be the dearest thing in the message. */
function writeInt64(bytes: Buffer, at: number, value: number): void {
  bytes.writeInt32LE(value | 0, at);
  bytes.writeInt32LE(Math.floor(value / 2 ** 32), at + 4);
}

function readInt64(bytes: Uint8Array, at: number): number {
  const view = bytes as Buffer;
  return view.readUInt32LE(at) + view.readInt32LE(at + 4) * 2 ** 32;
}

function malformed(): AppError {
  return new AppError('INVALID_INPUT', 'A merged message does not describe its parts consistently.');
}
