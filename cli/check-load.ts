import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckedConfig, Problem } from '../config/checked.ts';
import { functionsOf } from '../config/model-functions.ts';
import type { ModelRule } from '../config/model-rules.ts';
import { formatDuration } from '../foundation/duration.ts';

/** The same ending as this file: `.ts` in the source, `.js` in `dist/`. */
const CHILD = fileURLToPath(new URL(`../wrapper/check-model/main${extname(import.meta.url)}`, import.meta.url));

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const LOAD_RULE: ModelRule = 'MODEL_LOAD';

/**
 * Loads the models one after the other, each in a process of its own that is killed after `timeoutMs`, and gives what
 * is wrong with them. What predictors print goes to stderr.
 */
export async function loadModels(
  checked: CheckedConfig,
  file: string,
  overlays: readonly string[],
  timeoutMs: number,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const [model, { wrapper }] of Object.entries(checked.config.models)) {
    const isBare = wrapper.predictor === undefined && wrapper.modelUri === undefined;
    if (isBare && functionsOf(checked, model).length === 0) continue;
    problems.push(...(await loadModel(checked, model, [file, model, ...overlays], timeoutMs)));
  }
  // Models may share a function.
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

async function loadModel(
  checked: CheckedConfig,
  model: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  // A group of its own, so that what the child has started ends with it.
  const child = fork(CHILD, args, { stdio: ['ignore', 2, 2, 'ipc'], detached: true });
  let lists = 0;
  child.on('message', (found: Problem[]) => {
    lists++;
    problems.push(...found);
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child);
  }, timeoutMs);
  // A signal of the terminal does not reach that group, and a predictor that loops would go on without end.
  const endBoth = (signal: NodeJS.Signals): void => {
    killGroup(child);
    process.kill(process.pid, signal);
  };
  for (const signal of ENDING_SIGNALS) process.once(signal, endBoth);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  for (const ending of ENDING_SIGNALS) process.off(ending, endBoth);
  clearTimeout(timer);
  // Both lists were sent: however it ended then, the model has loaded.
  if (lists === 2) return problems;
  const ended = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
  const message = isLate
    ? `the model did not load within ${formatDuration(timeoutMs)} (--load-timeout)`
    : `the process that loaded the model ${ended} before the model was there; what it said is above`;
  const place = checked.place(['models', model, 'wrapper', 'predictor']);
  return [...problems, { ...place, severity: 'error', code: LOAD_RULE, message }];
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
