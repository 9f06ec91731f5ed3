import { AppError } from '../../foundation/errors.ts';
import { isModelReady, type DeployedModel, type Deployment } from '../deployment.ts';
import { sentenceOf } from '../model/status.ts';
import { aboutKey } from './about-key.ts';
import type { ModelConnection } from './model-connection.ts';

/**
 * Waits until every model of `next` can be asked, or `withinMs` is over, and gives what is in the way: nothing, where it
 * can take over. A model that cannot be asked in what runs now has nothing to lose, and is not waited for.
 */
export async function untilItServes(running: Deployment, next: Deployment, withinMs: number): Promise<AppError[]> {
  const problems = await Promise.all(
    Array.from(next.models.values(), async (model) => {
      const before = running.models.get(model.plan.name);
      if (before !== undefined && !canBeAsked(before)) return undefined;
      const { name } = model.plan;
      const [problem, ofFunctions] = await Promise.all([
        readyOrProblem(`The model "${name}" was`, model.connection, withinMs),
        readyOrProblem(`The functions of the model "${name}" were`, model.functions, withinMs),
      ]);
      return problem ?? ofFunctions ?? model.problem;
    }),
  );
  return problems.flatMap((problem, index) =>
    problem ? [aboutKey(`models.${[...next.models.keys()][index]}`, problem)] : [],
  );
}

function canBeAsked(model: DeployedModel): boolean {
  return model.client === undefined || isModelReady(model);
}

/** Undefined once it is ready. `what` is the beginning of a sentence. */
async function readyOrProblem(
  what: string,
  connection: ModelConnection | undefined,
  withinMs: number,
): Promise<AppError | undefined> {
  if (!connection || connection.client.ready) return undefined;
  const { client } = connection;
  const { promise, resolve } = Promise.withResolvers<AppError | undefined>();
  const leave = client.onReadyChange((isReady) => isReady && resolve(undefined));
  const late = `${what} not ready within ${Math.round(withinMs / 1000)} s: is its wrapper running?`;
  const timer = setTimeout(() => resolve(new AppError('NOT_READY', late)), withinMs);
  void connection.refused.then((refusal) => resolve(refusal));
  const problem = await promise;
  clearTimeout(timer);
  leave();
  return problem && new AppError('NOT_READY', sentenceOf(problem), { cause: problem.cause });
}
