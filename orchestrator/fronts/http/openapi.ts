import type { ScalarType } from '../../../cel/types.ts';
import { ERROR_CODES } from '../../../foundation/errors.ts';
import type { InputPlan, Plan, SlotPlan } from '../../plan/plan.ts';

const JSON_TYPES: Record<ScalarType, object> = {
  bool: { type: 'boolean' },
  int64: {
    oneOf: [
      { type: 'integer', format: 'int64' },
      { type: 'string', pattern: '^-?\\d{1,19}$' },
    ],
  },
  double: { type: 'number', format: 'double' },
  string: { type: 'string' },
  timestamp: { type: 'string', format: 'date-time' },
};

/** OpenAPI 3.1 of the V1 routes, each model's inputs typed: what a service generates its client from. */
export function describeApi(plan: Plan, project: string): object {
  const paths: Record<string, object> = {};
  for (const [name, model] of plan.models) {
    const schemaOf = (inputs: readonly InputPlan[], perInstance: boolean): object => {
      const overrides = plan.overrides.filter((slot) => slot.perInstance === perInstance);
      return objectSchema(inputs, overrides, model.inputs, plan.extraInputs);
    };
    const request = schemaOf(plan.requestInputs, false);
    const instance = schemaOf(plan.instanceInputs, true);
    const properties = {
      instances: { type: 'array', items: instance, minItems: 1 },
      request,
      parameters: { type: 'object' },
    };
    const required = ['instances', ...('required' in request ? ['request'] : [])];
    const body = (extra: object) => ({
      required: true,
      content: {
        'application/json': { schema: { type: 'object', required, properties: { ...properties, ...extra } } },
      },
    });
    const predictions = { type: 'object', required: ['predictions'], properties: { predictions: { type: 'array' } } };
    const features = { type: 'object', required: ['rows', 'features'] };
    paths[`/v1/models/${name}:predict`] = { post: operation(`Predict with ${name}`, body({}), predictions) };
    paths[`/v1/models/${name}:features`] = {
      post: operation(
        `The features of ${name}`,
        body({ features: { type: 'array', items: { enum: model.features.map((feature) => feature.name) } } }),
        features,
      ),
    };
  }
  return { openapi: '3.1.0', info: { title: project, version: '1' }, paths, components: { schemas: { Error: ERROR } } };
}

const ERROR = {
  type: 'object',
  required: ['error', 'code', 'retryable'],
  properties: {
    error: { type: 'string' },
    code: { enum: ERROR_CODES },
    retryable: { type: 'boolean' },
    details: { type: 'array', items: { type: 'object' } },
  },
};

const json = (schema: object): object => ({ 'application/json': { schema } });

function operation(summary: string, requestBody: object, answer: object): object {
  return {
    summary,
    requestBody,
    responses: {
      '200': { description: 'Answered', content: json(answer) },
      default: { description: 'Failed', content: json({ $ref: '#/components/schemas/Error' }) },
    },
  };
}

/**
 * A generated client must be able to send all that is taken: null for an optional input, features that it may override,
 * and extra names where they pass.
 */
function objectSchema(
  inputs: readonly InputPlan[],
  overrides: readonly SlotPlan[],
  read: ReadonlySet<number>,
  extra: Plan['extraInputs'],
): object {
  const required = inputs.filter((input) => !input.optional && read.has(input.slot)).map((input) => input.field);
  return {
    type: 'object',
    properties: Object.fromEntries([
      ...overrides.map(({ name, type }) => [name, { ...nullable(type), description: OVERRIDE }] as const),
      ...inputs.map((input) => [input.field, inputSchema(input)] as const),
    ]),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: extra === 'ignore',
  };
}

const OVERRIDE = 'A feature: sent, it is used in place of what would be read or computed; null is a value.';

function inputSchema({ type, optional }: InputPlan): object {
  return optional ? nullable(type) : JSON_TYPES[type];
}

const nullable = (type: ScalarType): object => ({ anyOf: [JSON_TYPES[type], { type: 'null' }] });
