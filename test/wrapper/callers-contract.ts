import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadParameters } from '../../proto/load-parameters.ts';
import { inferenceService } from '../../proto/service.ts';
import { connectTo, numbersOf, part, type Carrier, type WireClient } from './wire-client.ts';
import type { Project } from './wrap-process.ts';

/** What every wrapper of ours owes callers who are not alone; the predictor is that of wrapper-contract.ts. */
export function describeCallers(language: string, carrier: Carrier, open: () => Promise<Project>): void {
  describe(`the callers of a wrapper in ${language}, by ${carrier}`, () => {
    let project: Project;
    let client: WireClient;
    beforeAll(async () => {
      project = await open();
      client = connectTo((await project.wrap().loaded()).address, carrier);
    });
    afterAll(async () => {
      client.close();
      await project.close();
    });

    async function unary(values: readonly [number, number]): Promise<number[]> {
      const response = await client.call(inferenceService.ModelInfer, {
        model_name: 'm',
        inputs: [{ name: 'features', datatype: 'FP64', shape: [1, 2] }],
        raw_input_contents: [Buffer.from(Float64Array.from(values).buffer)],
      });
      return numbersOf(response.raw_output_contents[0] as Uint8Array);
    }

    test('a call that is cancelled while it waits is not begun, and those beside it are answered', async () => {
      const stream = client.stream();
      stream.sendParts([part(1, [0, 0], { do: 'calls' })]);
      await stream.answers([1]);
      stream.sendParts([part(2, [1, 1], { do: 'block' })]);
      stream.sendParts([part(3, [2, 2]), part(4, [3, 3])]);
      stream.cancel([3, 99]);
      const answers = await stream.answers([2, 3, 4]);
      expect([2, 3, 4].map((id) => answers.get(id)!.status)).toEqual([0, 1, 0]);
      stream.sendParts([part(5, [0, 0], { do: 'calls' })]);
      expect(numbersOf((await stream.answers([5])).get(5)!.outputs[0].raw)).toEqual([3]);
      await stream.end();
    });

    test('two streams have ids of their own', async () => {
      const streams = [client.stream(), client.stream()];
      const ids = Array.from({ length: 100 }, (_, at) => at + 1);
      for (const id of ids) for (const [at, stream] of streams.entries()) stream.sendParts([part(id, [id, at * 1000])]);
      for (const [at, stream] of streams.entries()) {
        const answers = await stream.answers(ids);
        expect(ids.map((id) => numbersOf(answers.get(id)!.outputs[0].raw))).toEqual(ids.map((id) => [id + at * 1000]));
        await stream.end();
      }
    });

    test('a stream that is hung up takes nothing from another', async () => {
      const [gone, stays] = [client.stream(), client.stream()];
      gone.sendParts([part(1, [1, 1], { do: 'block' }), part(2, [1, 1])]);
      stays.sendParts([part(1, [5, 5])]);
      gone.hangUp();
      expect(numbersOf((await stays.answers([1])).get(1)!.outputs[0].raw)).toEqual([10]);
      await stays.end();
    });

    test('ordinary calls are answered beside a stream that is busy', async () => {
      const stream = client.stream();
      const ids = Array.from({ length: 200 }, (_, at) => at + 1);
      stream.sendParts(ids.map((id) => part(id, [id, 1])));
      const calls = await Promise.all(ids.slice(0, 20).map((id) => unary([id, 0.5])));
      expect(calls).toEqual(ids.slice(0, 20).map((id) => [id + 0.5]));
      const answers = await stream.answers(ids);
      expect(ids.map((id) => numbersOf(answers.get(id)!.outputs[0].raw))).toEqual(ids.map((id) => [id + 1]));
      await stream.end();
    });

    test('loads under calls take none away', async () => {
      const layouts = [
        ['a', 'b'],
        ['b', 'a'],
      ].map((names) => loadParameters({ features: names.map((name) => ({ name, type: 'double' })) }));
      const stream = client.stream();
      const loaded = new AbortController();
      const loads = async (): Promise<void> => {
        for (let at = 0; at < 10; at++) {
          const parameters = layouts[at % 2];
          await client.call(inferenceService.RepositoryModelLoad, { model_name: 'm', parameters });
        }
        loaded.abort();
      };
      const call = async (): Promise<number> => {
        let id = 0;
        while (!loaded.signal.aborted) {
          id += 1;
          stream.sendParts([part(id * 2, [id, id]), part(id * 2 + 1, [id, 1])]);
          const answers = await stream.answers([id * 2, id * 2 + 1]);
          expect(numbersOf(answers.get(id * 2)!.outputs[0].raw)).toEqual([2 * id]);
          expect(numbersOf(answers.get(id * 2 + 1)!.outputs[0].raw)).toEqual([id + 1]);
        }
        return id;
      };
      const [, calls] = await Promise.all([loads(), call()]);
      expect(calls).toBeGreaterThan(0);
      await stream.end();
    });

    test('a call that asks for more memory than there is fails alone', async () => {
      const stream = client.stream();
      stream.sendParts([part(1, [1, 2], { do: 'memory' }), part(2, [3, 4])]);
      const answers = await stream.answers([1, 2]);
      expect(JSON.parse(answers.get(1)!.error!)).toMatchObject({ code: 'PREDICTOR_FAILED' });
      expect(numbersOf(answers.get(2)!.outputs[0].raw)).toEqual([7]);
      await stream.end();
    });
  });
}
