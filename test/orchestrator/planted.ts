import { parseConfig } from '../../config/load.ts';
import type { CheckedConfig } from '../../config/checked.ts';
import type { DeployedModel, Deployment } from '../../orchestrator/deployment.ts';
import { ValueCounts } from '../../orchestrator/deployment/value-counts.ts';
import type { FeatureSource } from '../../orchestrator/features/source.ts';
import { rowDecoder } from '../../orchestrator/features/store/json-row.ts';
import { RowBlock } from '../../orchestrator/features/row-block.ts';
import { compileMatrix } from '../../orchestrator/matrix/matrix.ts';
import type { InferResult, ModelClient, ModelSignature, Tensor } from '../../orchestrator/model/client.ts';
import { newCounters } from '../../orchestrator/model/counters.ts';
import { compilePlan } from '../../orchestrator/plan/compile-plan.ts';
import type { Call } from '../../orchestrator/predict/call.ts';
import { compileDecoder } from '../../orchestrator/predict/decode-inputs.ts';
import { compileGather } from '../../orchestrator/predict/gather.ts';
import { compileOutputs } from '../../orchestrator/predict/outputs.ts';

/** A checked configuration from text; throws what is wrong with it. */
export function checkedOf(yaml: string): CheckedConfig {
  const { checked, problems } = parseConfig(yaml, '/project/tandem.yaml', {});
  if (!checked) throw new Error(problems.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n'));
  return checked;
}

/** Rows by key, as a store holds them (JSON): decoded by the stores' own decoder. */
export function rowsSource(rows: Record<string, object | string>): FeatureSource & { asked: string[][] } {
  const asked: string[][] = [];
  return {
    asked,
    fetch(keys, fields) {
      asked.push([...keys.text]);
      const block = new RowBlock(fields, keys.count);
      const decode = rowDecoder(fields);
      for (const [row, key] of keys.text.entries()) {
        const found = rows[key];
        if (found === undefined) block.missing(row);
        else decode(typeof found === 'string' ? found : JSON.stringify(found), block, row);
      }
      return block.columns;
    },
  };
}

/** A model that answers what a function makes of each row of the matrix; `fail` is thrown instead. */
export function modelOf(score: (row: number[]) => number, fail?: Error): ModelClient & { calls: Tensor[][] } {
  const signature: ModelSignature = {
    inputs: [{ name: 'features', datatype: 'FP64', shape: [-1, -1] }],
    outputs: [{ name: 'predictions', datatype: 'FP64', shape: [-1] }],
    isAtomic: false,
  };
  const calls: Tensor[][] = [];
  return {
    calls,
    ready: true,
    signature,
    modelVersion: '7',
    onReadyChange: () => () => {},
    close: () => Promise.resolve(),
    infer(tensors): Promise<InferResult> {
      calls.push([...tensors]);
      if (fail) return Promise.reject(fail);
      const [{ data, shape }] = tensors as [Tensor];
      const [rows = 0, width = 0] = shape;
      const numbers = Array.from(data as Float64Array);
      const scores = Array.from({ length: rows }, (_, row) => score(numbers.slice(row * width, (row + 1) * width)));
      return Promise.resolve({
        outputs: [{ name: 'predictions', shape: [rows], data: Float64Array.from(scores) }],
        modelVersion: '7',
      });
    },
  };
}

export interface Planted {
  sources: Record<string, FeatureSource>;
  client?: ModelClient;
  now?: () => number;
  failures?: { view: string; status: string; cause: unknown }[];
}

/** A deployment whose sources and model are the test's: everything between them is real. */
export function plantedDeployment(yaml: string, planted: Planted): Deployment {
  const checked = checkedOf(yaml);
  const plan = compilePlan(checked);
  const { client } = planted;
  const models = Array.from(plan.models.values(), (model): [string, DeployedModel] => {
    const gather = compileGather(model, (view) => planted.sources[view], {
      now: planted.now ?? (() => performance.now()),
      onFailure: (view, status, cause) => planted.failures?.push({ view, status, cause }),
    });
    const valueCounts = new Map<string, ValueCounts>();
    for (const { view, counts } of gather.views) {
      valueCounts.set(view, new ValueCounts());
      valueCounts.get(view)?.add(counts);
    }
    const deployed: DeployedModel = {
      plan: model,
      decode: compileDecoder(plan, model, { ignored: 0 }),
      extraInputs: { ignored: 0 },
      gather,
      matrix: compileMatrix(model),
      connection: undefined,
      valueCounts,
      client,
      functions: undefined,
      counters: newCounters(),
      readOutputs: client?.signature && compileOutputs(model, client.signature),
      problem: undefined,
    };
    return [model.name, deployed];
  });
  return {
    revision: 'test',
    checked,
    plan,
    models: new Map(models),
    stores: new Map(),
    services: new Map(),
    caches: new Map(),
    rowCounts: new Map(),
    warmUp: undefined,
    close: () => Promise.resolve(),
  };
}

export function callOf(given: Partial<Call> & Pick<Call, 'instances'>): Call {
  return {
    id: 'call-1',
    model: 'm',
    want: 'outputs',
    request: {},
    parameters: {},
    arrivedAt: { epochMs: Date.UTC(2013, 4, 5, 13), monotonicMs: performance.now() },
    signal: new AbortController().signal,
    ...given,
  };
}

/** The values of a column or an output as a plain list. */
export function valuesOf({ values }: { values: ArrayLike<unknown> }): unknown[] {
  return Array.from(values);
}
