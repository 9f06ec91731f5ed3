import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPythonProject } from './python-project.ts';
import { connectTo, numbersOf, part } from './wire-client.ts';
import type { Project } from './wrap-process.ts';

/** What has no memory left is not the predictor's call: the loop that writes answers, a thread, an object's end. */
const SOURCE = `
import asyncio
import threading


class Dying:
    def __del__(self):
        exhausted()


class Sum:
    async def predict(self, request):
        match request.parameters.get("exhausted"):
            case "predict":
                exhausted()
            case "loop":
                asyncio.get_running_loop().call_soon(exhausted)
            case "thread":
                threading.Thread(target=exhausted).start()
            case "object":
                Dying()
        return request.matrix[:, 0] + request.matrix[:, 1]


def exhausted():
    raise MemoryError
`;

let project: Project;
beforeAll(async () => {
  project = await openPythonProject(SOURCE);
});
afterAll(() => project.close());

test('no memory left in `predict` is the call’s failure; outside of it the process ends, and the next one answers', async () => {
  const wrap = project.wrap();
  const first = await wrap.loaded();
  const client = connectTo(first.address);
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2], { exhausted: 'predict' }), part(2, [1, 2])]);
  const answers = await stream.answers([1, 2]);
  expect(answers.get(1)?.error).toContain('PREDICTOR_FAILED');
  expect(numbersOf(answers.get(2)!.outputs[0].raw)).toEqual([3]);
  await stream.end();
  client.close();

  const pids = new Set([first.pid]);
  for (const where of ['loop', 'thread', 'object']) {
    const harming = connectTo(first.address);
    const harmful = harming.stream();
    harmful.sendParts([part(1, [1, 2], { exhausted: where })]);
    pids.add((await wrap.loaded()).pid);
    harming.close();
  }
  expect(pids.size).toBe(4);
  expect(wrap.log.match(/No memory is left to answer with; the process ends/g)).toHaveLength(3);
});
