import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ask } from './ask.ts';
import { projectFolder } from './serve-project.ts';
import { startDev } from './start-dev.ts';
import { expected, FIRST_WEEK, modelText, PREDICTOR, SECOND_WEEK, THIRD_WEEK, yamlOf } from './week-model.ts';

const INSTANCE = { a: 3, carrier: 'B6' };
/** Trained anew on the same columns. */
const AGAIN = { ...SECOND_WEEK, bias: 0.125 };
const ELSEWHERE = { ...THIRD_WEEK, bias: 2 };

it('tandem dev takes a model’s new columns, a new model of the same ones, and a model of another file, once it is saved', async () => {
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
  const save = async (name: string, text: string): Promise<void> => {
    await writeFile(join(folder, `${name}~`), text);
    await rename(join(folder, `${name}~`), join(folder, name));
  };
  let current = expected(FIRST_WEEK, INSTANCE);
  expect(await answer()).toBe(current);
  await mkdir(join(folder, 'next'));
  await writeFile(join(folder, 'next', 'model.txt'), modelText(ELSEWHERE));
  for (const [model, name, text] of [
    [SECOND_WEEK, 'model.txt', modelText(SECOND_WEEK)],
    [AGAIN, 'model.txt', modelText(AGAIN)],
    [ELSEWHERE, 'tandem.yaml', yamlOf('modelUri: ./next/model.txt')],
    [AGAIN, 'tandem.yaml', yamlOf('modelUri: ./model.txt')],
  ] as const) {
    await save(name, text);
    const next = expected(model, INSTANCE);
    // Its wrapper starts again, and until it is there a call is an error; a number is one model's or the other's.
    for (let seen = await answer(); seen !== next; seen = await answer()) {
      if (seen !== undefined && seen !== current) others.push(seen);
    }
    current = next;
  }
  expect(others).toEqual([]);
});
