import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadKey, loadParameters } from '../../proto/load-parameters.ts';
import { readAnswers } from '../../proto/parts.ts';
import { inferenceService } from '../../proto/service.ts';
import { encodeStrings } from '../../proto/tensors.ts';
import { connectTo, numbersOf, part, type Carrier, type WireClient } from './wire-client.ts';
import type { Project, Wrap } from './wrap-process.ts';

/**
 * What every wrapper of ours holds to, whatever language its predictor is written in. The predictor adds the features `a`
 * and `b`; `parameters.do` makes it misbehave, or tell what it has seen: `reuse` one array for all answers, `throw` an
 * error that says "secret /etc/shadow", give `nan`, `strings`, `two` outputs (`sum`, `pair`), a value too `few`, `nothing`,
 * `mixed` values, the `first` column, the `columns` b, the `names` of the features; `block` for 30 ms, tell how many
 * `calls` there were since it was last asked, ask for more `memory` than there is, `die`, `hang`.
 */
export function describeWrapper(language: string, carrier: Carrier, open: () => Promise<Project>): void {
  describe(`a wrapper of a predictor in ${language}, by ${carrier}`, () => {
    let project: Project;
    let wrap: Wrap;
    let client: WireClient;
    beforeAll(async () => {
      project = await open();
      wrap = project.wrap();
      client = connectTo((await wrap.loaded()).address, carrier);
    });
    afterAll(async () => {
      client.close();
      await project.close();
    });

    const errorOf = (json: string | undefined): unknown => JSON.parse(json ?? 'null');

    test('the parts of one message are answered in one message, each with its own rows', async () => {
      const stream = client.stream();
      stream.sendParts([part(1, [1, 2]), part(2, [10, 20, 30, 40]), part(3, [5, 5], { do: 'columns' })]);
      const { infer_response: response } = await stream.next();
      const answers = readAnswers(response!)!;
      expect(answers.map(({ id, rows, status }) => [id, rows, status])).toEqual([
        [1, 1, 0],
        [2, 2, 0],
        [3, 1, 0],
      ]);
      expect(answers.map(({ outputs }) => numbersOf(outputs[0].raw))).toEqual([[3], [30, 70], [5]]);
      expect(answers[1].outputs[0]).toMatchObject({ name: 'predictions', datatype: 'FP64', shape: [2] });
      expect(response!.model_version).toMatch(/^[0-9a-f]{12}$/);
      await stream.end();
    });

    test('a predictor that fills the same array for every part does not mix their answers', async () => {
      const stream = client.stream();
      stream.sendParts([1, 2, 3, 4].map((id) => part(id, [id, 0], { do: 'reuse' })));
      const answers = await stream.answers([1, 2, 3, 4]);
      expect([1, 2, 3, 4].map((id) => numbersOf(answers.get(id)!.outputs[0].raw))).toEqual([[1], [2], [3], [4]]);
      await stream.end();
    });

    test('an error is its own part’s: the others and the stream go on, and the caller does not see its text', async () => {
      const stream = client.stream();
      stream.sendParts([
        part(1, [1, 2]),
        part(2, [1, 2], { do: 'throw' }),
        part(3, [1, 2], { do: 'nan' }),
        part(4, [3, 4]),
      ]);
      const answers = await stream.answers([1, 2, 3, 4]);
      expect([1, 4].map((id) => numbersOf(answers.get(id)!.outputs[0].raw))).toEqual([[3], [7]]);
      expect(answers.get(2)).toMatchObject({ status: 13, rows: 0 });
      expect(errorOf(answers.get(2)!.error)).toEqual({
        code: 'PREDICTOR_FAILED',
        error: 'The predictor failed; the log of the wrapper says why.',
      });
      expect(errorOf(answers.get(3)!.error)).toEqual({
        code: 'PREDICTOR_INVALID_OUTPUT',
        error: '`predict` returned NaN for row 0; every number is finite.',
      });
      expect(await wrap.logged(/secret \/etc\/shadow/)).toMatch(/predictor\.(?:ts|py)/);
      stream.sendParts([part(5, [1, 1])]);
      expect(numbersOf((await stream.answers([5])).get(5)!.outputs[0].raw)).toEqual([2]);
      await stream.end();
    });

    test('parts with other outputs than their neighbours travel in messages of their own', async () => {
      const stream = client.stream();
      stream.sendParts([
        part(1, [1, 2]),
        part(2, [3, 4], { do: 'two' }),
        part(3, [5, 6], { do: 'strings' }),
        part(4, [7, 8]),
      ]);
      const answers = await stream.answers([1, 2, 3, 4]);
      expect(answers.get(2)!.outputs.map(({ name, shape }) => [name, shape])).toEqual([
        ['sum', [1]],
        ['pair', [1, 2]],
      ]);
      expect(answers.get(3)!.outputs[0]).toMatchObject({ datatype: 'BYTES', shape: [1] });
      expect(Buffer.from(answers.get(3)!.outputs[0].raw)).toEqual(encodeStrings(['11']));
      expect(numbersOf(answers.get(4)!.outputs[0].raw)).toEqual([15]);
      await stream.end();
    });

    test('a part that expired in the queue is not begun', async () => {
      const stream = client.stream();
      stream.sendParts([part(1, [0, 0], { do: 'calls' })]);
      await stream.answers([1]);
      stream.sendParts([
        part(2, [1, 1], { do: 'block' }),
        part(3, [1, 1], undefined, 10_000),
        part(4, [1, 1], undefined, 0),
      ]);
      const answers = await stream.answers([2, 3, 4]);
      expect([2, 3, 4].map((id) => answers.get(id)!.status)).toEqual([0, 4, 4]);
      expect(errorOf(answers.get(3)!.error)).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      stream.sendParts([part(5, [0, 0], { do: 'calls' })]);
      expect(numbersOf((await stream.answers([5])).get(5)!.outputs[0].raw)).toEqual([2]);
      await stream.end();
    });

    test('tensors that are not the model’s fail their parts and say what the model takes', async () => {
      const stream = client.stream();
      const wide = { name: 'features', datatype: 'FP64', shape: [1, 3], raw: new Uint8Array(24) };
      const named = { name: 'x', datatype: 'FP64', shape: [1, 2], raw: new Uint8Array(16) };
      stream.sendParts([{ id: 1, rows: 1, remainingUs: 1e6, tensors: [wide] }]);
      stream.sendParts([{ id: 2, rows: 1, remainingUs: 1e6, tensors: [named] }]);
      const answers = await stream.answers([1, 2]);
      expect(errorOf(answers.get(1)!.error)).toEqual({
        code: 'INVALID_INPUT',
        error: 'The model takes "features" of shape [1, 2], not [1, 3].',
      });
      expect(answers.get(2)).toMatchObject({ status: 3 });
      await stream.end();
    });

    test('a message that cannot be read is told in error_message, and the stream goes on', async () => {
      const stream = client.stream();
      stream.sendBytes(Buffer.from([0xff, 0xff, 0xff]));
      expect(await stream.next()).toMatchObject({ error_message: expect.any(String) as string });
      stream.sendParts([part(1, [1, 1])]);
      expect((await stream.answers([1])).get(1)!.status).toBe(0);
      await stream.end();
    });

    test('an ordinary message on the stream has an ordinary answer', async () => {
      const stream = client.stream();
      const raw = Buffer.from(Float64Array.of(1, 2, 3, 4).buffer);
      const inputs = [{ name: 'features', datatype: 'FP64', shape: [2, 2] }];
      stream.send({ model_name: 'm', id: 'x', inputs, raw_input_contents: [raw] });
      const { infer_response: response } = await stream.next();
      expect(response).toMatchObject({ model_name: 'm', id: 'x' });
      expect(response!.outputs).toMatchObject([{ name: 'predictions', datatype: 'FP64', shape: [2] }]);
      expect(numbersOf(response!.raw_output_contents[0])).toEqual([3, 7]);
      stream.send({ model_name: 'other', inputs, raw_input_contents: [raw] });
      expect(await stream.next()).toMatchObject({ error_message: 'There is no model "other" here.' });
      await stream.end();
    });

    test('what is not one number or text a row is told with what came back', async () => {
      const stream = client.stream();
      const asked = ['few', 'nothing', 'mixed'];
      stream.sendParts(asked.map((what, at) => part(at + 1, [1, 2, 3, 4], { do: what })));
      const answers = await stream.answers([1, 2, 3]);
      const told = [1, 2, 3].map((id) => errorOf(answers.get(id)!.error) as { code: string; error: string });
      expect(new Set(told.map(({ code }) => code))).toEqual(new Set(['PREDICTOR_INVALID_OUTPUT']));
      expect(told[0].error).toBe('`predict` returned 1 value for 2 rows.');
      expect(told[1].error).toMatch(
        /^`predict` returned (?:undefined|None); it returns one number or (?:string|text) a row\.$/,
      );
      expect(told[2].error).toContain('for row 1');
      await stream.end();
    });

    test('a thousand rows, messages of 15 MB and 500 parts in flight are answered, each with its own', async () => {
      const stream = client.stream();
      const rows = Array.from({ length: 2000 }, (_, at) => at);
      const large = new Float64Array(2 * 950_000).fill(0.5);
      stream.sendParts([part(1, rows)]);
      stream.sendParts([part(2, [...large], { do: 'first' })]);
      for (let id = 3; id < 503; id++) stream.sendParts([part(id, [id, id])]);
      const answers = await stream.answers(Array.from({ length: 502 }, (_, at) => at + 1));
      expect(numbersOf(answers.get(1)!.outputs[0].raw)).toEqual(Array.from({ length: 1000 }, (_, row) => 4 * row + 1));
      expect(answers.get(2)!.outputs[0].shape).toEqual([950_000]);
      for (let id = 3; id < 503; id++) expect(numbersOf(answers.get(id)!.outputs[0].raw)).toEqual([2 * id]);
      await stream.end();
    });

    test('a load for other features is answered beside the one that is there, each stream by its own, and who names none by the last', async () => {
      const [own, turned] = [
        ['a', 'b'],
        ['b', 'a'],
      ].map((names) => loadParameters({ features: names.map((name) => ({ name, type: 'double' })) }));
      const load = (parameters: typeof own): Promise<unknown> =>
        client.call(inferenceService.RepositoryModelLoad, { model_name: 'm', parameters });
      const textOf = async (stream: ReturnType<WireClient['stream']>, id: number): Promise<string> => {
        stream.sendParts([part(id, [1, 2], { do: 'names' })]);
        return Buffer.from((await stream.answers([id])).get(id)!.outputs[0].raw).toString('utf8', 4);
      };
      await load(own);
      const before = client.stream(loadKey(own));
      expect(await textOf(before, 1)).toBe('a,b');
      await load(turned);
      const after = client.stream(loadKey(turned));
      const unnamed = client.stream();
      const told = [await textOf(after, 1), await textOf(before, 2), await textOf(unnamed, 1)];
      expect(told).toEqual(['b,a', 'a,b', 'b,a']);
      await Promise.all([before.end(), after.end(), unnamed.end()]);
    });

    test.each([
      ['ends its process is started again, and answers', 'die'],
      ['never returns is killed after `hangAfter` and started again', 'hang'],
    ])('a predictor that %s', async (_, what) => {
      const stream = client.stream();
      stream.sendParts([part(1, [1, 2], { do: what })]);
      await stream.end();
      await wrap.loaded();
      const next = client.stream();
      next.sendParts([part(1, [1, 2])]);
      expect(numbersOf((await next.answers([1])).get(1)!.outputs[0].raw)).toEqual([3]);
      await next.end();
    });
  });
}
