import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../../../foundation/errors.ts';
import { describeApi } from '../../../../orchestrator/fronts/http/openapi.ts';
import { compilePlan } from '../../../../orchestrator/plan/compile-plan.ts';
import { checkedOf } from '../../planted.ts';

const YAML = (inputs = '') => `
version: 1
project: board
asOf: request.time
inputs:
  request: { time: "timestamp?", season: string }
  instance: { id: string, user: int64, tail: "string?", km: double, ok: bool }
${inputs}
models:
  m: { id: instance.id, features: [instance.km, instance.ok] }
  n: { features: [{ name: s, from: request.season, categories: [a] }] }
`;

interface Operation {
  post: {
    requestBody: { required: boolean; content: { 'application/json': { schema: Schema } } };
    responses: Record<string, { description: string; content: { 'application/json': { schema: Schema } } }>;
  };
}
interface Schema {
  type?: unknown;
  required: string[];
  properties: Record<string, Schema>;
  items: Schema;
  $ref: string;
  [key: string]: unknown;
}
interface Api {
  openapi: string;
  info: object;
  paths: Record<string, Operation>;
  components: { schemas: Record<string, Schema> };
}

const apiOf = (yaml: string): Api => {
  const api = describeApi(compilePlan(checkedOf(yaml)), 'board');
  return JSON.parse(JSON.stringify(api)) as Api;
};
const bodyOf = (api: Api, path: string): Schema => api.paths[path].post.requestBody.content['application/json'].schema;

describe('the OpenAPI of a plan', () => {
  it('lists the features that a caller may override, where each is sent', () => {
    const yaml = YAML(`
overrides: [old, plane.seats]
stores: { online: { type: lmdb } }
views: { plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64 } } }
onDemand: { old: { type: bool, cel: "request.season == 'old'" } }`);
    const { properties } = bodyOf(apiOf(yaml), '/v1/models/m:predict');
    expect(properties['request'].properties['old']).toMatchObject({ anyOf: [{ type: 'boolean' }, { type: 'null' }] });
    expect(properties['instances'].items.properties['plane.seats']).toMatchObject({ anyOf: [{}, { type: 'null' }] });
    expect(Object.keys(properties['request'].properties)).not.toContain('plane.seats');
    expect(properties['request'].required).toBeUndefined();
  });

  const api = apiOf(YAML());
  const body = bodyOf(api, '/v1/models/m:predict');

  it('has the two routes of each model', () => {
    expect(api).toMatchObject({ openapi: '3.1.0', info: { title: 'board', version: '1' } });
    expect(Object.keys(api.paths)).toEqual([
      '/v1/models/m:predict',
      '/v1/models/m:features',
      '/v1/models/n:predict',
      '/v1/models/n:features',
    ]);
    for (const { post } of Object.values(api.paths)) {
      expect(post.requestBody.required).toBe(true);
      for (const response of Object.values(post.responses)) expect(response.description).not.toBe('');
    }
  });

  it('types each input, and takes null for what is optional', () => {
    const { instances, request } = body.properties;
    expect(instances.items.properties).toMatchObject({
      id: { type: 'string' },
      tail: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      km: { type: 'number', format: 'double' },
      ok: { type: 'boolean' },
      user: {
        oneOf: [
          { type: 'integer', format: 'int64' },
          { type: 'string', pattern: '^-?\\d{1,19}$' },
        ],
      },
    });
    expect(request.properties).toMatchObject({
      time: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
    });
  });

  it('asks for the inputs that the model reads, not for those of its neighbours', () => {
    expect(body.required).toEqual(['instances']);
    expect(body.properties['instances'].items.required).toEqual(['id', 'km', 'ok']);
    const other = bodyOf(api, '/v1/models/n:predict');
    expect(other.required).toEqual(['instances', 'request']);
    expect(other.properties['request'].required).toEqual(['season']);
    expect(other.properties['instances'].items).not.toHaveProperty('required');
  });

  it('closes the inputs, unless the YAML lets extra ones pass', () => {
    expect(body.properties['instances'].items['additionalProperties']).toBe(false);
    const loose = bodyOf(apiOf(YAML('  extra: ignore')), '/v1/models/m:predict');
    expect(loose.properties['instances'].items['additionalProperties']).toBe(true);
  });

  it('lists the features that may be asked for', () => {
    const { features } = bodyOf(api, '/v1/models/m:features').properties;
    expect(features.items).toEqual({ enum: ['instance.km', 'instance.ok'] });
  });

  it('describes the error body, whose codes are those of the table', () => {
    expect(api.paths['/v1/models/m:predict'].post.responses['default'].content['application/json'].schema.$ref).toBe(
      '#/components/schemas/Error',
    );
    expect(api.components.schemas['Error']).toMatchObject({
      required: ['error', 'code', 'retryable'],
      properties: { code: { enum: ERROR_CODES } },
    });
  });
});
