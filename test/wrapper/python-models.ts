import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonEnvironment } from '../../wrapper/interpreter.ts';
import { ensurePython } from '../python.ts';

/** Predictions, or labels, by the name of the output. */
type Answer = Record<string, (number | string | number[])[]>;

/** What the libraries of train_models.py predict for `rows`, of two models for `texts`, by the folder of the model. */
export interface Trained {
  rows: (number | null)[][];
  texts: (number | string | null)[][];
  answers: Record<string, Answer>;
}

/** A model for open_models.py. */
export interface OpenOrder {
  predictor: string;
  modelUri: string;
  features: string[];
  tensors?: string;
  trustPickle?: boolean;
  rows?: Trained['rows'] | Trained['texts'];
}

interface OpenOutcome {
  problem?: string;
  outputs?: { name: string; datatype: string; shape: number[] }[];
  logged?: string[];
  answer?: Answer;
}

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Python with the libraries of models without code. */
export const ensureLibraries = (): Promise<string> => ensurePython(new URL('python-models.lock', import.meta.url));

/** Trains the models of train_models.py below `folder`. */
export async function trainModels(python: string, folder: string): Promise<Trained> {
  const { stdout } = await promisify(execFile)(python, [fileOf('train_models.py'), folder]);
  return JSON.parse(stdout) as Trained;
}

/** A process of Python that opens models, one after the other. */
export interface ModelOpener {
  open(orders: readonly OpenOrder[]): Promise<OpenOutcome[]>;
  /** Ends it. */
  close(): Promise<void>;
}

export function startOpener(python: string): ModelOpener {
  const child = spawn(python, [fileOf('open_models.py')], {
    env: pythonEnvironment(process.env, 1),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ended = once(child, 'close');
  return {
    async open(orders) {
      const outcomes: OpenOutcome[] = [];
      for (const order of orders) {
        child.stdin.write(`${JSON.stringify(order)}\n`);
        const { value, done } = await lines.next();
        if (done === true) throw new Error('Python has ended');
        outcomes.push(JSON.parse(value) as OpenOutcome);
      }
      return outcomes;
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
