import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ask } from './ask.ts';
import { projectFolder } from './serve-project.ts';
import { startDev } from './start-dev.ts';
import { expected, FIRST_WEEK, modelText, PREDICTOR, SECOND_WEEK, yamlOf } from './week-model.ts';

const INSTANCE = { a: 3, carrier: 'B6' };

it('tandem dev takes a model’s new columns, and a new model of the same ones, once its file is replaced', async () => {
  await using stack = new AsyncDisposableStack();
  const files = {
    'tandem.yaml': yamlOf('modelUri: ./model.txt'),
    'predictor.js': PREDICTOR,
    'model.txt': modelText(FIRST_WEEK),
  };
  const { folder } = stack.use(await projectFolder(files));
  const dev = await startDev(join(folder, 'tandem.yaml'), join(folder, 'state'));
  stack.defer(() => dev.stop());
  const answer = async (): Promise<number | undefined> => {
    const sent = { path: '/v1/models/m:predict', body: { instances: [INSTANCE] } };
    const { predictions } = (await ask(new URL(dev.http).host, sent)).json as { predictions?: number[] };
    return predictions?.[0];
  };
  const others: number[] = [];
  let current = expected(FIRST_WEEK, INSTANCE);
  expect(await answer()).toBe(current);
  for (const model of [SECOND_WEEK, { ...SECOND_WEEK, bias: 0.125 }, FIRST_WEEK]) {
    await writeFile(join(folder, 'model.txt~'), modelText(model));
    await rename(join(folder, 'model.txt~'), join(folder, 'model.txt'));
    const next = expected(model, INSTANCE);
    // Its wrapper starts again, and until it is there a call is an error; a number is one model's or the other's.
    for (let seen = await answer(); seen !== next; seen = await answer()) {
      if (seen !== undefined && seen !== current) others.push(seen);
    }
    current = next;
  }
  expect(others).toEqual([]);
});
