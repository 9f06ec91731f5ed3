import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '../../foundation/errors.ts';
import type { OutputSpec } from '../open-predictor.ts';
import type { PredictAnswer, PredictOutput, PredictRequest } from '../predictor.ts';

/** An ONNX model as a predictor: one float32 input `[N, F]`, every output by its name in the model. */
export interface OnnxPredictor {
  outputs: OutputSpec[];
  predict: (request: PredictRequest) => Promise<PredictAnswer>;
}

/**
 * Opens `uri`, an `.onnx` file or a folder with exactly one, which computes one call on `threads`, default one.
 * @throws AppError NOT_READY when there is no such file, onnxruntime-node is not installed, or the model's inputs or
 * outputs are not of the shape that `featureCount` features fit.
 */
export async function openOnnx(uri: string, featureCount: number, threads = 1): Promise<OnnxPredictor> {
  const file = await findModel(uri);
  const { InferenceSession: Session, Tensor: OrtTensor } = await importRuntime();
  const session = await Session.create(file, { intraOpNumThreads: threads, interOpNumThreads: 1 }).catch(
    (cause: unknown) => {
      throw new AppError('NOT_READY', `onnxruntime cannot open ${basename(file)}; the log says why.`, { cause });
    },
  );
  const input = checkInput(basename(file), session, featureCount);
  const outputs = checkOutputs(basename(file), session);
  const names = outputs.map(({ name }) => name);
  return {
    outputs,
    predict: async (request) => {
      const data = request.matrix instanceof Float32Array ? request.matrix : new Float32Array(request.matrix);
      const results = await session.run({ [input]: new OrtTensor('float32', data, [request.rows, featureCount]) });
      return Object.fromEntries(names.map((name) => [name, readTensor(results[name])]));
    },
  };
}

async function findModel(uri: string): Promise<string> {
  const found = await stat(uri).catch((cause: unknown) => {
    throw new AppError('NOT_READY', `modelUri names ${basename(uri)}, which does not exist.`, { cause });
  });
  if (found.isFile()) return uri;
  const models = (await readdir(uri)).filter((name) => name.endsWith('.onnx')).sort();
  const [only] = models;
  if (only !== undefined && models.length === 1) return join(uri, only);
  const there = models.length === 0 ? 'none' : models.join(', ');
  throw new AppError('NOT_READY', `A folder for \`predictor: onnx\` holds exactly one .onnx file; there is ${there}.`);
}

/** Throws AppError NOT_READY, with what to install, where it is not there. */
async function importRuntime(): Promise<typeof import('onnxruntime-node')> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    const problem = isAbsent ? 'is not installed: npm install onnxruntime-node' : 'cannot be loaded; the log says why.';
    throw new AppError('NOT_READY', `\`predictor: onnx\` runs on onnxruntime-node, which ${problem}`, { cause });
  }
}

function checkInput(file: string, session: InferenceSession, featureCount: number): string {
  const [input] = session.inputMetadata;
  const listed = session.inputMetadata.map(describeValue).join(', ');
  if (input === undefined || session.inputMetadata.length !== 1 || !input.isTensor || input.type !== 'float32') {
    throw new AppError('NOT_READY', `${file} takes ${listed}; \`predictor: onnx\` feeds one float32 input [N, F].`);
  }
  const [rows, width] = input.shape;
  const fits =
    input.shape.length === 2 && typeof rows !== 'number' && (typeof width !== 'number' || width === featureCount);
  // An exporter may leave the shape out altogether.
  if (input.shape.length > 0 && !fits) {
    throw new AppError('NOT_READY', `${file} takes ${listed}; the model's features make float32 [N, ${featureCount}].`);
  }
  return input.name;
}

function checkOutputs(file: string, session: InferenceSession): OutputSpec[] {
  return session.outputMetadata.map((output) => {
    if (!output.isTensor) {
      throw new AppError(
        'NOT_READY',
        `Output "${output.name}" of ${file} is no tensor; export the classifier with zipmap off (skl2onnx: options={"zipmap": False}).`,
      );
    }
    const shape = output.shape.map((size) => (typeof size === 'number' ? size : -1));
    if (shape.length > 0) shape[0] = -1;
    return { name: output.name, datatype: output.type === 'string' ? 'BYTES' : 'FP64', shape };
  });
}

function describeValue(value: InferenceSession.ValueMetadata): string {
  return value.isTensor ? `"${value.name}" ${value.type}[${value.shape.join(', ')}]` : `"${value.name}" (no tensor)`;
}

/** int64 labels become numbers (labels are small); bool 0 and 1. */
function readTensor(tensor: Tensor): PredictOutput {
  const { data, dims: shape } = tensor;
  if (Array.isArray(data)) return data;
  if (data instanceof Float32Array || data instanceof Float64Array) return { shape, data };
  return { shape, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) };
}
