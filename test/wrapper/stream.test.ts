import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeStrings } from '../../proto/tensors.ts';
import { connectTo, numbersOf, part, type WireClient } from './wire-client.ts';
import { openProject, type Project, type Wrap } from './wrap-process.ts';

/** Adds a and b; `parameters.do` makes it wait, or tell what it has seen. */
const SOURCE = `
import type { Predictor, PredictRequest } from 'tandem-serving';

const gates = new Map<string, () => void>();
const aborted: string[] = [];
let calls = 0;

export default class Sum implements Predictor {
  predict(request: PredictRequest): any {
    calls += 1;
    const { rows, matrix, parameters } = request;
    const sums = Float64Array.from({ length: rows }, (_, row) => matrix[row * 2] + matrix[row * 2 + 1]);
    switch (parameters.do) {
      case undefined: return sums;
      case 'wait': return new Promise((resolve) => gates.set(String(parameters.gate), () => resolve(sums)));
      case 'open': gates.get(String(parameters.gate))!(); return sums;
      case 'watch': {
        const { signal } = request;
        return new Promise((_, reject) => signal.addEventListener('abort', () => {
          aborted.push(String((signal.reason as { code: string }).code));
          reject(signal.reason);
        }));
      }
      case 'aborted': return aborted.length === 0 ? ['none'] : [aborted.splice(0).join()];
      case 'calls': { const seen = calls; calls = 0; return [seen]; }
    }
  }
}
`;

let project: Project;
let wrap: Wrap;
let client: WireClient;
beforeAll(async () => {
  project = await openProject(SOURCE);
  wrap = project.wrap();
  client = connectTo((await wrap.loaded()).address);
});
afterAll(async () => {
  client.close();
  await project.close();
});

test('a part is answered when it is finished, also before one that came first', async () => {
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2], { do: 'wait', gate: 'late' })]);
  stream.sendParts([part(2, [3, 4])]);
  expect([...(await stream.answers([2])).keys()]).toEqual([2]);
  stream.sendParts([part(3, [0, 0], { do: 'open', gate: 'late' })]);
  const answers = await stream.answers([1, 3]);
  expect(numbersOf(answers.get(1)!.outputs[0].raw)).toEqual([3]);
  await stream.end();
});

test('a cancelled part is not begun when it waits, and its signal is aborted when it runs', async () => {
  const stream = client.stream();
  stream.sendParts([part(1, [1, 1], { do: 'watch' })]);
  stream.sendParts([part(2, [0, 0], { do: 'calls' })]);
  await stream.answers([2]);
  stream.sendParts([part(3, [0, 0])]);
  stream.cancel([1, 3, 77]);
  const answers = await stream.answers([1, 3]);
  expect([...answers.values()].map(({ status }) => status)).toContain(1);
  expect(answers.get(1)!.status).toBe(1);
  stream.sendParts([part(4, [0, 0], { do: 'aborted' })]);
  expect(Buffer.from((await stream.answers([4])).get(4)!.outputs[0].raw)).toEqual(encodeStrings(['CANCELLED']));
  await stream.end();
});

test('the signal is aborted at the deadline, and when the caller hangs up', async () => {
  const late = client.stream();
  late.sendParts([part(1, [1, 1], { do: 'watch' }, 20_000)]);
  expect((await late.answers([1])).get(1)!.status).toBe(4);
  const gone = client.stream();
  gone.sendParts([part(1, [1, 1], { do: 'watch' })]);
  gone.sendParts([part(2, [1, 1])]);
  await gone.answers([2]);
  gone.hangUp();
  const seen = new Set<string>();
  for (let id = 2; !seen.has('CANCELLED'); id += 1) {
    late.sendParts([part(id, [1, 1], { do: 'aborted' })]);
    const text = Buffer.from((await late.answers([id])).get(id)!.outputs[0].raw).toString('utf8', 4);
    for (const code of text.split(',')) seen.add(code);
  }
  expect(seen).toContain('DEADLINE_EXCEEDED');
  await late.end();
});

test('a stream that its caller half-closes ends after its last answer', async () => {
  const stream = client.stream();
  stream.sendParts([part(1, [1, 2], { do: 'wait', gate: 'end' })]);
  const other = client.stream();
  other.sendParts([part(1, [1, 2])]);
  await other.answers([1]);
  const ended = stream.end();
  other.sendParts([part(2, [0, 0], { do: 'open', gate: 'end' })]);
  expect(numbersOf((await stream.answers([1])).get(1)!.outputs[0].raw)).toEqual([3]);
  await Promise.all([ended, other.end()]);
});
