import { spawnSync } from 'node:child_process';
import { AppError } from '../../foundation/errors.ts';
import type { HostSpec } from '../host-spec.ts';
import { pythonEnvironment } from '../interpreter.ts';

/** Has Python load a predictor, or functions. Throws AppError NOT_READY with what is wrong; where in the code it was is on stderr. */
export function checkPythonLoad(spec: HostSpec, python: string): void {
  const { error, stdout } = spawnSync(python, ['-m', 'tandem_wrapper', '--check'], {
    env: pythonEnvironment(process.env, spec.threads),
    input: `${JSON.stringify(spec)}\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (error) throw new AppError('NOT_READY', `The interpreter ${python} cannot be started.`, { cause: error });
  // What ends it before it can say anything is on stderr: `tandem_wrapper` is not installed, the process was killed.
  const told = stdout === '' ? 'Python ended before it had loaded anything.' : readProblem(stdout);
  if (told !== null) throw new AppError('NOT_READY', told);
}

const readProblem = (stdout: string): string | null => (JSON.parse(stdout) as { problem: string | null }).problem;
