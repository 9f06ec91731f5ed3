import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { wrapperTarget } from '../../foundation/socket-path.ts';
import { openModelClient } from '../../orchestrator/model/open-client.ts';
import type { ModelClient } from '../../orchestrator/model/client.ts';
import { ensurePython } from '../../test/python.ts';
import type { Child } from '../load/child.ts';
import { startWrapper } from '../load/stack.ts';
import { startGrpcPredictor } from '../rivals/python/start.ts';

const MODEL = 'nothing';
const CONFIG = fileURLToPath(new URL('./tandem.yaml', import.meta.url));
const PREDICTOR = fileURLToPath(new URL('./nothing.py', import.meta.url));
const ROWS = 10;
const FEATURES = 10;
const DEADLINE_MS = 10_000;

/** In the order of the table: two wrappers of ours, and what one writes by hand on grpc.aio. */
export const SERVERS = ['typescript', 'python', 'bare-stream', 'bare-unary'] as const;
export type ServerName = (typeof SERVERS)[number];

/** A server of the model that does nothing, with a client that is connected to it. */
export interface ModelServer {
  name: ServerName;
  child: Child;
  /** One call of ten rows of ten features; rejects where the answer is not ten zeros. */
  call: () => Promise<void>;
  close: () => Promise<void>;
}

/** Starts a server; resolves when a call to it was answered rightly. Its files go to `scratch`. */
export async function openServer(name: ServerName, scratch: string): Promise<ModelServer> {
  const folder = path.join(scratch, name);
  await mkdir(folder);
  const child = await startServer(name, folder);
  const features = Array.from({ length: FEATURES }, (_, at) => ({ name: `instance.f${at}`, type: 'double' }));
  const address = wrapperTarget(MODEL, undefined, folder);
  const client = openModelClient({ address, model: MODEL, features, tensors: 'matrix', dtype: 'float64' });
  await untilReady(client, child);
  const matrix = new Float64Array(ROWS * FEATURES).fill(0.5);
  const tensors = [{ name: 'features', datatype: 'FP64', shape: [ROWS, FEATURES], data: matrix }] as const;
  const call = async (): Promise<void> => {
    const { outputs } = await client.infer(tensors, { rows: ROWS, deadlineMs: performance.now() + DEADLINE_MS });
    const [{ data }] = outputs;
    if (data.length !== ROWS || data[ROWS - 1] !== 0) throw new Error(`${name} answered ${String(data)}`);
  };
  await call();
  return { name, child, call, close: () => client.close() };
}

async function startServer(name: ServerName, folder: string): Promise<Child> {
  switch (name) {
    case 'typescript':
      return startWrapper(CONFIG, folder);
    case 'python': {
      const overlay = path.join(folder, 'python.yaml');
      const wrapper = `{ predictor: '${PREDICTOR}', python: '${await ensurePython()}' }`;
      await writeFile(overlay, `models: { ${MODEL}: { wrapper: ${wrapper} } }\n`);
      return startWrapper(CONFIG, folder, [overlay]);
    }
    case 'bare-stream':
      return startGrpcPredictor(path.join(folder, `${MODEL}.sock`), ['--no-op', '--stream']);
    case 'bare-unary':
      return startGrpcPredictor(path.join(folder, `${MODEL}.sock`), ['--no-op']);
  }
}

/** Resolves once the client's model is ready; rejects when the server ends before. */
async function untilReady(client: ModelClient, { gone }: Child): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const forget = client.onReadyChange(() => resolve());
  if (client.ready) resolve();
  const ended = gone.aborted ? Promise.resolve() : once(gone, 'abort');
  await Promise.race([promise, ended.then(() => Promise.reject(gone.reason as Error))]);
  forget();
}
