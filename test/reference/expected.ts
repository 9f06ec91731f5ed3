import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { degradedOf, featuresOf, type Board, type DegradedView, type Flight, type View } from './flights.ts';
import { readTables, type Tables } from './tables.ts';

const MODEL = fileURLToPath(new URL('../../examples/flights/model/model.onnx', import.meta.url));

/** What the answer to one board must be. */
export interface Expected {
  ids: string[];
  /** null for a bad instance. */
  predictions: (number | null)[];
  degraded: DegradedView[];
}

/** The plain reference: the example's tables and its model, opened once. */
export interface Reference {
  tables: Tables;
  expect(board: Board): Promise<Expected>;
  /** The prediction for one of its flights where these views gave nothing; null for a bad instance. */
  predictWithout(failed: ReadonlySet<View>, flight: Flight, request: Board['request']): Promise<number | null>;
}

export async function openReference(): Promise<Reference> {
  const tables = await readTables();
  // Logged from level 3 (errors): the runtime warns of a container's CPU files, which is not our matter.
  const session = await InferenceSession.create(MODEL, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const [input] = session.inputNames;
  const predict = async (features: readonly number[]): Promise<number> => {
    const row = new Tensor('float32', Float32Array.from(features), [1, features.length]);
    const { probabilities } = await session.run({ [input]: row }, ['probabilities']);
    return (probabilities.data as Float32Array)[1];
  };
  const predictWithout: Reference['predictWithout'] = async (failed, flight, request) =>
    isBad(flight) ? null : predict(featuresOf(flight, request, tables, failed));
  return {
    tables,
    async expect(board) {
      const { request, instances } = board;
      const predictions: (number | null)[] = [];
      for (const flight of instances) predictions.push(await predictWithout(new Set(), flight, request));
      return { ids: instances.map(({ id }) => id), predictions, degraded: degradedOf(board, tables) };
    },
    predictWithout,
  };
}

/** An instance that the declared inputs refuse, and that `partial` lets its neighbours survive. */
function isBad({ distance }: Flight): boolean {
  return typeof distance !== 'number';
}
