import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { degradedOf, featuresOf, type Board, type DegradedView, type Flight } from './flights.ts';
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
  /** The predictions where the service of the weather gave nothing. */
  predictWithoutWeather(board: Board): Promise<Expected['predictions']>;
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
  const predictAll = async ({ request, instances }: Board, from: Tables): Promise<Expected['predictions']> => {
    const predictions: (number | null)[] = [];
    for (const flight of instances) {
      predictions.push(isBad(flight) ? null : await predict(featuresOf(flight, request, from)));
    }
    return predictions;
  };
  return {
    tables,
    async expect(board) {
      const predictions = await predictAll(board, tables);
      return { ids: board.instances.map(({ id }) => id), predictions, degraded: degradedOf(board, tables) };
    },
    predictWithoutWeather: (board) => predictAll(board, { ...tables, weather: new Map() }),
  };
}

/** An instance that the declared inputs refuse, and that `partial` lets its neighbours survive. */
function isBad({ distance }: Flight): boolean {
  return typeof distance !== 'number';
}
