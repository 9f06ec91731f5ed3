import type { InferenceSession } from 'onnxruntime-node';
import { importRuntime } from '../predictors/onnx.ts';
import type { ModelColumn, ModelInputs } from './model-inputs.ts';

type Kind = NonNullable<ModelColumn['kind']>;

/**
 * The inputs of an ONNX model, as its graph declares them: one of `[N, F]`, or several of one column each, which is how
 * skl2onnx writes a pipeline that was trained on a table.
 * @throws AppError NOT_READY where onnxruntime-node is not installed; what the runtime throws at a file that is no model.
 */
export async function onnxInputs(path: string): Promise<ModelInputs | undefined> {
  const { InferenceSession: Session } = await importRuntime();
  const session = await Session.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const { inputMetadata } = session;
  await session.release();
  const inputs = inputMetadata.filter((input) => input.isTensor);
  if (inputs.length === 1 && widthOf(inputs[0]) !== 1) {
    return { width: widthOf(inputs[0]), columns: undefined, isByName: false };
  }
  if (inputs.every((input) => widthOf(input) === 1)) {
    const columns = inputs.map(({ name, type }) => ({ name, kind: kindOf(type) }));
    // One column alone is a matrix as well, and then its name is the tensor's.
    return { width: columns.length, columns: columns.length > 1 ? columns : undefined, isByName: true };
  }
  const widths = inputs.map(widthOf);
  if (!widths.every((width) => width !== undefined)) return undefined;
  return { width: widths.reduce((sum, width) => sum + width, 0), columns: undefined, isByName: true };
}

/** Columns of `[N]` and `[N, F]`; undefined where F is free, or the shape another. */
function widthOf({ shape }: InferenceSession.TensorValueMetadata): number | undefined {
  if (shape.length === 1) return 1;
  const [, width] = shape;
  return shape.length === 2 && typeof width === 'number' && width > 0 ? width : undefined;
}

function kindOf(type: string): Kind {
  if (type === 'string' || type === 'bool') return type;
  return type.startsWith('float') ? 'number' : 'integer';
}
