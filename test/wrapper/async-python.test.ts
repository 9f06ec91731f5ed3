import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPythonProject } from './python-project.ts';
import { connectTo, numbersOf, part, type WireClient } from './wire-client.ts';
import type { Project } from './wrap-process.ts';

const SOURCE = `
import asyncio


class Sum:
    def __init__(self):
        self.gates = {}

    async def predict(self, request):
        gate = request.parameters.get("wait")
        if gate is not None:
            self.gates[gate] = asyncio.Event()
            await self.gates[gate].wait()
        if (gate := request.parameters.get("open")) is not None:
            self.gates[gate].set()
        if request.parameters.get("throw"):
            raise ValueError("no")
        if request.parameters.get("cancelled"):
            raise asyncio.CancelledError
        return request.matrix.sum(axis=1)
`;

let project: Project;
let client: WireClient;
beforeAll(async () => {
  project = await openPythonProject(SOURCE, { predictor: './predictor.py:Sum' });
  client = connectTo((await project.wrap().loaded()).address);
});
afterAll(async () => {
  client.close();
  await project.close();
});

test('an async predict has several calls open, each answered as it is finished, a failure for itself', async () => {
  const stream = client.stream();
  stream.sendParts([
    part(1, [1, 2], { wait: 'a' }),
    part(2, [3, 4]),
    part(3, [5, 6], { throw: true }),
    part(4, [7, 8], { cancelled: true }),
  ]);
  const first = await stream.answers([2, 3, 4]);
  expect(new Set(first.keys())).toEqual(new Set([2, 3, 4]));
  expect(numbersOf(first.get(2)!.outputs[0].raw)).toEqual([7]);
  for (const id of [3, 4]) expect(JSON.parse(first.get(id)!.error!)).toMatchObject({ code: 'PREDICTOR_FAILED' });
  stream.sendParts([part(5, [0, 0], { open: 'a' })]);
  expect(numbersOf((await stream.answers([1, 5])).get(1)!.outputs[0].raw)).toEqual([3]);
  await stream.end();
});

test('a call that is cancelled while it waits is told so, and the stream goes on', async () => {
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2], { wait: 'b' })]);
  stream.sendParts([part(2, [1, 1])]);
  await stream.answers([2]);
  stream.cancel([1, 77]);
  stream.sendParts([part(3, [0, 0], { open: 'b' })]);
  const answers = await stream.answers([1, 3]);
  expect(JSON.parse(answers.get(1)!.error!)).toMatchObject({ code: 'CANCELLED' });
  expect(answers.get(3)!.status).toBe(0);
  await stream.end();
});
