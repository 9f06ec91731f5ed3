import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../foundation/free-port.ts';
import { ensurePython } from '../../../test/python.ts';
import { pythonEnvironment } from '../../../wrapper/interpreter.ts';
import type { Processes } from '../../load/cell.ts';
import { startCommand, type Child } from '../../load/child.ts';
import { untilReady } from '../../load/stack.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
/** The linear model as a predictor of Tandem's. */
export const PREDICTOR = path.join(FOLDER, 'predictor.py');
const V1 = '/v1/models/linear:predict';

/** The servers of Python that others made, each in `on_NAME.py` with what it needs in `NAME.lock`. */
const SERVERS = {
  fastapi: { predict: V1, ready: '/health' },
  kserve: { predict: V1, ready: '/v2/health/ready' },
  mlserver: { predict: '/v2/models/linear/infer', ready: '/v2/health/ready' },
  litserve: { predict: V1, ready: '/health' },
  bentoml: { predict: V1, ready: '/readyz' },
} as const;
export type PythonServer = keyof typeof SERVERS;

export function isPythonServer(name: string): name is PythonServer {
  return Object.hasOwn(SERVERS, name);
}

/**
 * The virtual environment with what the server needs (made when it is not there yet), and the server in it on a free port;
 * resolves when it is ready. What it writes for itself goes to `scratch`.
 */
export async function startPythonServer(
  name: PythonServer,
  redis: string,
  scratch: string,
): Promise<{ url: string; processes: Processes }> {
  const python = await ensurePython(lockOf(name));
  const port = await freePort();
  const env = {
    ...process.env,
    REDIS_URL: redis,
    PORT: String(port),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONPATH: FOLDER,
    BENTOML_DO_NOT_TRACK: 'True',
    BENTOML_HOME: scratch,
  };
  const bentoml = ['-m', 'bentoml', 'serve', 'on_bentoml:Linear', '--working-dir', FOLDER];
  const listen = ['--host', '127.0.0.1', '--port', String(port)];
  const args = name === 'bentoml' ? [...bentoml, ...listen] : [path.join(FOLDER, `on_${name}.py`)];
  const server = startCommand(python, args, env);
  const { predict, ready } = SERVERS[name];
  const url = `http://127.0.0.1:${port}`;
  await untilReady(`${url}${ready}`, server);
  return { url: `${url}${predict}`, processes: { server } };
}

/** The predictor on grpc.aio that is written by hand; resolves when it listens. `flags` are those of its file. */
export async function startGrpcPredictor(socket: string, flags: readonly string[] = []): Promise<Child> {
  const file = path.join(FOLDER, 'grpc_predictor.py');
  const env = { ...pythonEnvironment(process.env, 1), PYTHONDONTWRITEBYTECODE: '1' };
  const predictor = startCommand(await ensurePython(), [file, '--socket', socket, ...flags], env);
  await predictor.listening;
  return predictor;
}

/** What is pinned for a server. */
export function lockOf(name: PythonServer): URL {
  return new URL(`${name}.lock`, import.meta.url);
}
