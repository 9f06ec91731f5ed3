import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tandem } from '../cli/tandem.ts';
import { ask } from './ask.ts';
import { projectFolder, wrapProject } from './serve-project.ts';
import { startServe, type ServeProcess } from './serve-process.ts';
import {
  expected,
  FIRST_WEEK,
  modelText,
  PREDICTOR,
  SECOND_WEEK,
  THIRD_WEEK,
  yamlOf,
  type Instance,
  type WeekModel,
} from './week-model.ts';

const CLIENTS = 8;
const FILE = 'modelUri: ./model.txt';

let cleanUp: AsyncDisposableStack;
let folder: string;
let server: ServeProcess;

beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  const files = { 'tandem.yaml': yamlOf(FILE), 'predictor.js': PREDICTOR, 'model.txt': modelText(FIRST_WEEK) };
  folder = cleanUp.use(await projectFolder(files)).folder;
  const wrapper = await wrapProject(folder);
  cleanUp.defer(() => wrapper.kill());
  server = await startServe(join(folder, 'tandem.yaml'));
  cleanUp.defer(() => server.stop());
  while ((await server.metric('tandem_model_ready{model="m"}')) !== 1);
});
afterEach(() => cleanUp.disposeAsync());

/** As whoever copies a model does: written beside it and renamed onto it. */
async function replace(name: string, text: string, told: RegExp): Promise<void> {
  const logged = server.logged(told);
  await writeFile(join(folder, `${name}~`), text);
  await rename(join(folder, `${name}~`), join(folder, name));
  await logged;
}

async function predict(instances: readonly Instance[]): Promise<number[] | string> {
  const { status, text } = await ask(server.http, {
    method: 'POST',
    path: '/v1/models/m:predict',
    body: JSON.stringify({ instances }),
  });
  return status === 200 ? (JSON.parse(text) as { predictions: number[] }).predictions : `${status} ${text}`;
}

const isOf = (model: WeekModel, instances: readonly Instance[], predictions: readonly number[]): boolean =>
  instances.every((instance, row) => Math.abs(expected(model, instance) - predictions[row]) < 1e-9);

/** Clients that ask without a pause, and hold each answer to the models that may have given it. */
class Callers {
  /** Of which the last may be running, and the one at `running` was known to when a request was sent. */
  readonly written: WeekModel[] = [FIRST_WEEK];
  running = 0;
  answers = 0;
  readonly wrong: string[] = [];
  readonly #asking: Promise<unknown>;
  #isOver = false;

  constructor() {
    this.#asking = Promise.all(Array.from({ length: CLIENTS }, (_, client) => this.#ask(client)));
  }

  async change(model: WeekModel, make: () => Promise<void>): Promise<void> {
    this.written.push(model);
    await make();
    this.running++;
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#asking;
  }

  async #ask(client: number): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      const instances = ['AA', 'B6', '9E'].map((carrier) => ({ a: client + (turn % 50), carrier }));
      const sentAt = this.running;
      const predictions = await predict(instances);
      this.answers++;
      const mayBe = this.written.slice(sentAt);
      if (typeof predictions === 'string' || !mayBe.some((model) => isOf(model, instances, predictions)))
        this.wrong.push(String(predictions));
    }
  }
}

describe('features: from-model', () => {
  it('goes to another model’s columns and codes and back by its file, under calls, without a wrong answer', async () => {
    const callers = new Callers();
    const run = (model: WeekModel): Promise<void> =>
      callers.change(model, () => replace('model.txt', modelText(model), /"msg":"reloaded/));
    for (const model of [SECOND_WEEK, FIRST_WEEK, THIRD_WEEK, SECOND_WEEK, THIRD_WEEK, FIRST_WEEK]) {
      await run(model);
      // A few of the new one only.
      const { answers } = callers;
      while (callers.answers < answers + 4 * CLIENTS) await predict([{ a: 1, carrier: 'AA' }]);
    }
    await callers.end();
    expect(callers.wrong).toEqual([]);
  });

  it('goes on with the model that runs where the file is one whose columns nothing declares', async () => {
    const strange = { columns: ['instance.a', 'wind', 'carrier'], carriers: ['AA'] };
    await replace('model.txt', modelText(strange), /was not taken/);
    expect(server.log).toContain('error MODEL_COLUMN the YAML declares nothing for `wind` of model.txt');
    expect(await predict([{ a: 3, carrier: 'B6' }])).toEqual([expected(FIRST_WEEK, { a: 3, carrier: 'B6' })]);
    await replace('model.txt', modelText(SECOND_WEEK), /"msg":"reloaded/);
    expect(await predict([{ a: 3, carrier: 'B6' }])).toEqual([expected(SECOND_WEEK, { a: 3, carrier: 'B6' })]);
  });

  it('refuses the columns of another file where the wrapper at the address hosts the one before', async () => {
    await mkdir(join(folder, 'next'));
    await writeFile(join(folder, 'next', 'model.txt'), modelText(SECOND_WEEK));
    await replace('tandem.yaml', yamlOf('modelUri: ./next/model.txt'), /was not taken/);
    expect(server.log).toMatch(/tandem\.yaml:10:53 error NOT_READY the wrapper of `m` hosts the model before/);
    expect(await predict([{ a: 3, carrier: 'B6' }])).toEqual([expected(FIRST_WEEK, { a: 3, carrier: 'B6' })]);
    // The same columns are the wrapper's to answer, with the model that it has until it starts again.
    await replace('next/model.txt', modelText(FIRST_WEEK), /"msg":"reloaded/);
  });

  it('goes to another modelUri with a wrapper of its own, and back, under calls, without a wrong answer', async () => {
    const next = yamlOf('modelUri: ./next/model.txt, address: "unix:next.sock"');
    await mkdir(join(folder, 'next'));
    await writeFile(join(folder, 'next', 'model.txt'), modelText(SECOND_WEEK));
    await writeFile(join(folder, 'next.yaml'), next);
    const wrapper = await wrapProject(folder, 'next.yaml');
    cleanUp.defer(() => wrapper.kill());
    const callers = new Callers();
    for (const [model, yaml] of [
      [SECOND_WEEK, next],
      [FIRST_WEEK, yamlOf(FILE)],
      [SECOND_WEEK, next],
    ] as const) {
      await callers.change(model, () => replace('tandem.yaml', yaml, /"msg":"reloaded/));
      const { answers } = callers;
      while (callers.answers < answers + 4 * CLIENTS) await predict([{ a: 1, carrier: 'AA' }]);
    }
    await callers.end();
    expect(callers.wrong).toEqual([]);
  });

  it('is checked, explained and run over a file of rows as a list of features is', async () => {
    const file = join(folder, 'tandem.yaml');
    await replace('model.txt', modelText(SECOND_WEEK), /"msg":"reloaded/);
    expect(await tandem('check', file, '--load')).toMatchObject({ exit: 0 });
    const explained = await tandem('explain', file);
    expect(explained.out).toMatch(
      / 0 +stamp .*\n.* 1 +instance\.a .*\n.* 2 +carrier +per object +category of 2 +from instance\.carrier/,
    );
    const rows = ['{"a":1,"carrier":"B6"}', '{"a":2,"carrier":"9E"}', '{"a":3,"carrier":"AA"}'];
    await writeFile(join(folder, 'rows.jsonl'), rows.join('\n'));
    const out = join(folder, 'out.jsonl');
    expect(await tandem('batch', file, '--instances', join(folder, 'rows.jsonl'), '--out', out)).toMatchObject({
      exit: 0,
    });
    const written = (await readFile(out, 'utf8')).trimEnd().split('\n');
    expect(written.map((line) => JSON.parse(line) as object)).toMatchObject([
      { stamp: 7, 'instance.a': 1, carrier: 1 },
      { stamp: 7, 'instance.a': 2, carrier: null },
      { stamp: 7, 'instance.a': 3, carrier: 0 },
    ]);
  });
});
