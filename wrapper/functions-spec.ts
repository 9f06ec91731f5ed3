import { join, resolve } from 'node:path';
import type { CheckedConfig } from '../config/checked.ts';
import { argumentColumns, functionsAddress, functionsName, functionsOf } from '../config/model-functions.ts';
import { AppError } from '../foundation/errors.ts';
import { wrapperTarget } from '../foundation/socket-path.ts';
import { hostSpec, threadsOf, type HostedFunction, type HostSpec } from './host-spec.ts';
import { pythonOf } from './interpreter.ts';
import type { Machine } from './machine.ts';

/** What `tandem wrap` hosts of a model: its predictor, or the functions of its on-demand features. */
export type Part = 'predictor' | 'functions';

/**
 * A model's processes: its predictor's, and beside it that of its functions where it has any; `only` one of them. A model
 * that another server hosts may have functions all the same.
 * @throws AppError as `hostSpec` does; INVALID_INPUT also where the functions alone are asked for and there are none.
 */
export function hostSpecs(
  checked: CheckedConfig,
  model: string,
  machine: Machine,
  { stateDir, only }: { stateDir?: string | undefined; only?: Part | undefined },
): HostSpec[] {
  const functions = only === 'predictor' ? undefined : functionsSpec(checked, model, machine, stateDir);
  if (only === 'functions' && functions === undefined) {
    throw new AppError('INVALID_INPUT', `No feature of the model "${model}" is a function.`);
  }
  const isElsewhere = checked.config.models[model].wrapper.predictor === undefined && functions !== undefined;
  const predictor = only === 'functions' || isElsewhere ? [] : [hostSpec(checked, model, machine, stateDir)];
  return functions === undefined ? predictor : [...predictor, functions];
}

/** The process of a model's functions; undefined where it needs none. */
export function functionsSpec(
  checked: CheckedConfig,
  model: string,
  machine: Machine,
  stateDir?: string,
): HostSpec | undefined {
  const { config, folder } = checked;
  const functions = functionsOf(checked, model);
  const hosted = functions.map(({ feature, type, file, called, args }): HostedFunction => ({
    feature,
    type,
    file: resolve(folder, file),
    called,
    args: args.map(({ name, expression }) => ({ name, type: expression.type })),
  }));
  const [first] = hosted;
  if (first === undefined) return undefined;
  const { python, threads, socketMode, hangAfter } = config.models[model].wrapper;
  const state = resolve(folder, stateDir ?? config.server.stateDir);
  const name = functionsName(model);
  return {
    model: name,
    predictor: first.file,
    functions: hosted,
    python: pythonOf(folder, python, machine.environment),
    modelUri: undefined,
    trustPickle: false,
    features: argumentColumns(functions),
    tensors: 'columns',
    dtype: 'float64',
    target: wrapperTarget(name, functionsAddress(model, functions), state),
    replicas: 1,
    threads: threads ?? threadsOf(first.file, machine, 1),
    batching: undefined,
    socketMode: Number.parseInt(socketMode, 8),
    hangAfterMs: hangAfter,
    drainTimeoutMs: config.server.drain.timeout,
    logLevel: config.telemetry.logs.level,
    cacheDir: join(state, 'compile-cache'),
  };
}
