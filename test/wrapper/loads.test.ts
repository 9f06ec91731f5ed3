import { status } from '@grpc/grpc-js';
import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadKey, loadParameters, type Layout } from '../../proto/load-parameters.ts';
import type { Part } from '../../proto/parts.ts';
import { inferenceService } from '../../proto/service.ts';
import { connectTo, numbersOf, type WireClient } from './wire-client.ts';
import { openProject, type Project } from './wrap-process.ts';

/** Remembers where its feature is from the first call, as many do: it would be wrong for calls of another layout. */
const SOURCE = `
import { existsSync } from 'node:fs';
let open;
export default class TakesB {
  load(folder) { if (existsSync(folder + '/broken')) throw new Error('no weights'); }
  predict({ rows, matrix, features, parameters }) {
    this.width ??= features.length;
    this.at ??= features.indexOf('b');
    const answer = Float64Array.from({ length: rows }, (_, row) => matrix[row * this.width + this.at]);
    if (parameters.do === 'wait') return new Promise((done) => (open = () => done(answer)));
    if (parameters.do === 'open') open();
    return answer;
  }
}
`;

let project: Project;
let client: WireClient;
beforeAll(async () => {
  project = await openProject(SOURCE);
  client = connectTo((await project.wrap().loaded()).address);
});
afterAll(async () => {
  client.close();
  await project.close();
});

const layout = (...names: string[]): Layout => ({ features: names.map((name) => ({ name, type: 'double' })) });
const load = (asked: Layout): Promise<object> =>
  client.call(inferenceService.RepositoryModelLoad, { model_name: 'm', parameters: loadParameters(asked) });
const keyOf = (asked: Layout): string => loadKey(loadParameters(asked));
const rowOf = (id: number, row: number[], parameters?: object): Part => ({
  id,
  rows: 1,
  remainingUs: 10_000_000,
  tensors: [
    { name: 'features', datatype: 'FP64', shape: [1, row.length], raw: Buffer.from(Float64Array.from(row).buffer) },
  ],
  ...(parameters && { parameters: JSON.stringify(parameters) }),
});

test('calls of an earlier layout are answered beside those of a new one, each by a predictor that saw no other', async () => {
  const [two, three] = [layout('a', 'b'), layout('b', 'c', 'a')];
  await load(two);
  const before = client.stream(keyOf(two));
  before.sendParts([rowOf(1, [1, 2])]);
  expect(numbersOf((await before.answers([1])).get(1)!.outputs[0].raw)).toEqual([2]);
  before.sendParts([rowOf(2, [3, 4], { do: 'wait' })]);
  await load(three);
  const after = client.stream(keyOf(three));
  after.sendParts([rowOf(1, [5, 6, 7])]);
  before.sendParts([rowOf(3, [8, 9], { do: 'open' })]);
  expect(numbersOf((await after.answers([1])).get(1)!.outputs[0].raw)).toEqual([5]);
  const answers = await before.answers([2, 3]);
  expect([2, 3].map((id) => numbersOf(answers.get(id)!.outputs[0].raw))).toEqual([[4], [9]]);
  await Promise.all([before.end(), after.end()]);
});

test('who names no load gets the one last asked for, and the metadata is its', async () => {
  await load(layout('b'));
  const { inputs } = await client.call(inferenceService.ModelMetadata, { name: 'm' });
  expect(inputs).toEqual([{ name: 'features', datatype: 'FP64', shape: ['-1', '1'] }]);
  const stream = client.stream();
  stream.sendParts([rowOf(1, [7])]);
  expect(numbersOf((await stream.answers([1])).get(1)!.outputs[0].raw)).toEqual([7]);
  await load({ ...layout('b'), tensors: 'columns' });
  const columns = await client.call(inferenceService.ModelMetadata, { name: 'm' });
  expect(columns.inputs).toEqual([{ name: 'b', datatype: 'FP64', shape: ['-1'] }]);
  await stream.end();
});

test('a load that fails leaves what is there, and may be asked for again', async () => {
  await load(layout('a', 'b'));
  const broken = layout('x', 'b');
  await writeFile(`${project.folder}/broken`, '');
  await expect(load(broken)).rejects.toThrow('`load` of predictor.ts failed: no weights');
  expect(await client.call(inferenceService.ModelReady, { name: 'm' })).toEqual({ ready: true });
  const stream = client.stream(keyOf(layout('a', 'b')));
  stream.sendParts([rowOf(1, [1, 2])]);
  expect(numbersOf((await stream.answers([1])).get(1)!.outputs[0].raw)).toEqual([2]);
  await rm(`${project.folder}/broken`);
  await load(broken);
  await stream.end();
});

test('a stream for what is not loaded is refused, not answered in another layout', async () => {
  const stream = client.stream(keyOf(layout('never')));
  stream.sendParts([rowOf(1, [1])]);
  expect(await stream.end()).toBe(status.UNAVAILABLE);
});
