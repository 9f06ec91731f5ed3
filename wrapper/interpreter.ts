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

/** The environment of an interpreter that is to find `tandem_wrapper`; one that is installed for it comes after ours. */
export function pythonEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const search = [PYTHON_PATH, environment['PYTHONPATH']].filter((path) => path !== undefined && path !== '');
  return { ...environment, PYTHONPATH: search.join(delimiter), PYTHONUNBUFFERED: '1' };
}
