import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inferenceService } from '../../proto/service.ts';
import { connectTo, isServiceError, numbersOf, type WireClient } from './wire-client.ts';
import type { Project } from './wrap-process.ts';

/** The calls of the protocol beside its streams; the predictor is that of wrapper-contract.ts. */
export function describeUnary(language: string, open: () => Promise<Project>): void {
  describe(`the unary calls of a wrapper in ${language}`, () => {
    let project: Project;
    let client: WireClient;
    beforeAll(async () => {
      project = await open();
      client = connectTo((await project.wrap().loaded()).address);
    });
    afterAll(async () => {
      client.close();
      await project.close();
    });

    test('the unary calls of the protocol work beside the stream', async () => {
      const { ServerMetadata, ServerLive, ServerReady, ModelReady, ModelMetadata, RepositoryIndex } = inferenceService;
      expect(await client.call(ServerLive, {})).toEqual({ live: true });
      expect(await client.call(ServerReady, {})).toEqual({ ready: true });
      expect(await client.call(ModelReady, { name: 'm' })).toEqual({ ready: true });
      expect(await client.call(ModelReady, { name: 'other' })).toEqual({ ready: false });
      const { extensions } = await client.call(ServerMetadata, {});
      expect(extensions).toEqual(expect.arrayContaining(['tandem.stream.v1', 'tandem.frames.v1']));
      expect((await client.call(ModelMetadata, { name: 'm' })).inputs).toEqual([
        { name: 'features', datatype: 'FP64', shape: ['-1', '2'] },
      ]);
      expect((await client.call(RepositoryIndex, {})).models).toMatchObject([{ name: 'm', state: 'READY' }]);
    });

    test('ModelInfer takes typed contents, other datatypes, parameters and a choice of outputs', async () => {
      const response = await client.call(inferenceService.ModelInfer, {
        model_name: 'm',
        parameters: { do: { string_param: 'two' } },
        inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: [1.5, 2] } }],
        outputs: [{ name: 'sum' }],
        raw_input_contents: [],
      });
      expect(response.outputs.map(({ name }) => name)).toEqual(['sum']);
      expect(numbersOf(response.raw_output_contents[0] as Uint8Array)).toEqual([3.5]);
    });

    test('ModelInfer tells its failures by gRPC codes and the exact code in a trailer', async () => {
      const failures: [string, object, number, string][] = [
        ['m', { do: { string_param: 'throw' } }, 13, 'PREDICTOR_FAILED'],
        ['other', {}, 5, 'UNKNOWN_MODEL'],
      ];
      for (const [model, parameters, status, code] of failures) {
        const raw = Buffer.from(Float64Array.of(1, 2).buffer);
        const inputs = [{ name: 'features', datatype: 'FP64', shape: [1, 2] }];
        const request = { model_name: model, parameters: { ...parameters }, inputs, raw_input_contents: [raw] };
        const error: unknown = await client
          .call(inferenceService.ModelInfer, request)
          .catch((thrown: unknown) => thrown);
        if (!isServiceError(error)) throw new Error('the call did not fail');
        expect([error.code, error.metadata.get('tandem-code')]).toEqual([status, [code]]);
      }
    });
  });
}
