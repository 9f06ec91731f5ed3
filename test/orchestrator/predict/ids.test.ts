import { describe, expect, it } from 'vitest';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import { callOf, modelOf, plantedDeployment } from '../planted.ts';

const YAML = (id: string) => `
version: 1
project: p
inputs: { instance: { user: "int64?", at: "timestamp?", ok: "bool?", name: "string?", km: double } }
models: { m: { id: ${id}, features: [instance.km] } }
`;

async function idsOf(field: string, sent: unknown[]): Promise<unknown> {
  const deployment = plantedDeployment(YAML(`instance.${field}`), { sources: {}, client: modelOf(() => 1) });
  const options = { now: () => performance.now(), past: undefined };
  const predict = createPredict(() => ({ deployment, release: () => {} }), options);
  return (await predict(callOf({ instances: { objects: sent.map((id) => ({ [field]: id, km: 1 })) } }))).ids;
}

describe('the ids of an answer', () => {
  it.each([
    ['name', ['x', null, '']],
    ['user', [5, null, -1]],
    ['ok', [true, false, null]],
    ['at', ['2013-05-05T13:00:00Z', null]],
  ])('are what was sent as %s', async (field, sent) => {
    expect(await idsOf(field, sent)).toEqual(sent);
  });

  it('are exact for an int64 that no number holds', async () => {
    expect(await idsOf('user', ['9007199254740993', '-9223372036854775808', '7'])).toEqual([
      '9007199254740993',
      '-9223372036854775808',
      7,
    ]);
  });
});
