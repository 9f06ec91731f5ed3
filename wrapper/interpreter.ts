import { delimiter, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `tandem_wrapper` lies: beside this file in the source, and beside `dist/` in the package. */
const PYTHON_PATH = fileURLToPath(
  new URL(extname(import.meta.url) === '.ts' ? 'python' : '../../wrapper/python', import.meta.url),
);

/**
 * The interpreter of `wrapper.python`: a path (with a slash) is the YAML's folder's, else it is a command. Default: that of
 * the active virtual environment, then `python3`.
 */
export function pythonOf(folder: string, named: string | undefined, environment: NodeJS.ProcessEnv): string {
  if (named !== undefined) return named.includes('/') ? resolve(folder, named) : named;
  const active = environment['VIRTUAL_ENV'];
  return active === undefined || active === '' ? 'python3' : join(active, 'bin', 'python');
}

/** What math libraries read when they are loaded. Without these each takes all CPUs, those of other pods too. */
const THREAD_LIMITS = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS'];

/**
 * The environment of an interpreter that is to find `tandem_wrapper`; one that is installed for it comes after ours. Its
 * math libraries compute on `threads`.
 */
export function pythonEnvironment(environment: NodeJS.ProcessEnv, threads: number): NodeJS.ProcessEnv {
  const search = [PYTHON_PATH, environment['PYTHONPATH']].filter((path) => path !== undefined && path !== '');
  const limits = Object.fromEntries(THREAD_LIMITS.map((name) => [name, String(threads)]));
  return { ...environment, ...limits, PYTHONPATH: search.join(delimiter), PYTHONUNBUFFERED: '1' };
}
