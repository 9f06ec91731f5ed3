import { loadConfig } from '../../config/load.ts';
import { CallSignal } from '../../foundation/cancel-signal.ts';
import { createLogger } from '../../foundation/telemetry/logger.ts';
import { openDeployment, type Deployment } from '../../orchestrator/deployment.ts';
import { Status } from '../../orchestrator/plan/column.ts';
import type { Answer } from '../../orchestrator/predict/call.ts';
import { createPredict } from '../../orchestrator/predict/predict.ts';
import { rowOf } from './rows.ts';

const MODEL = 'linear';
const CLIENTS = 256;
/** Every other request is for one of these, so that rows are hit, go stale and are fetched anew as well. */
const POPULAR = 5_000;
const KEYS = 2 ** 31;

export interface DriveOptions {
  requests: number;
  random: () => number;
  /** Told after each `sampleEvery` requests. */
  sampleEvery: number;
  onSample(done: number): void;
}

/** What the answers were, counted. */
export interface DriveResult {
  present: number;
  absent: number;
  failed: number;
}

/** Opens the deployment that is driven; the URL of its service is in the environment. */
export async function openDriven(file: string): Promise<Deployment> {
  const { checked, problems } = loadConfig(file, process.env);
  if (!checked) throw new Error(JSON.stringify(problems));
  return openDeployment(checked, {
    models: false,
    logger: createLogger(checked.config.telemetry.logs.level, 'bench'),
    now: () => performance.now(),
    onViewFailure: () => {},
  });
}

/**
 * Asks for the features of one random key a request, 256 requests at a time, by the same `predict` as a server: decode,
 * keys, cache, single flight, coalescing, the service over HTTP, policies. Throws where an answer is not the key's own.
 */
export async function drive(deployment: Deployment, options: DriveOptions): Promise<DriveResult> {
  const predict = createPredict(() => ({ deployment, release: () => {} }), {
    now: () => performance.now(),
    past: undefined,
  });
  const { random } = options;
  const result: DriveResult = { present: 0, absent: 0, failed: 0 };
  let begun = 0;
  let done = 0;

  const client = async (): Promise<void> => {
    while (begun < options.requests) {
      begun++;
      const id = Math.floor(random() * (begun % 2 === 0 ? POPULAR : KEYS));
      const answer = await predict({
        id: '',
        model: MODEL,
        want: 'features',
        request: {},
        instances: { objects: [{ id }] },
        parameters: {},
        arrivedAt: { epochMs: Date.now(), monotonicMs: performance.now() },
        signal: new CallSignal(),
      });
      count(answer, id, result);
      answer.release();
      if (++done % options.sampleEvery === 0) options.onSample(done);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return result;
}

function count({ gathered: [number] }: Answer, id: number, result: DriveResult): void {
  const [value, status] = [number.values[0] as number, number.status[0]];
  const row = rowOf(id);
  // A stale row that stands in for a failed fetch has its value, whatever the status says.
  if (value === value) {
    if (value !== row?.number) throw new Error(`key ${id} was answered with ${value}`);
    result.present++;
  } else if (status === Status.NOT_FOUND) {
    if (row !== undefined) throw new Error(`key ${id} has a row that was not answered`);
    result.absent++;
  } else result.failed++;
}
