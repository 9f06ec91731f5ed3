import { spawnSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../foundation/errors.ts';
import type { Predictor, PredictRequest } from './predictor.ts';
import { openOnnx } from './predictors/onnx.ts';

/** An output as ModelMetadata tells it; -1 is a free dimension. */
export interface OutputSpec {
  name: string;
  datatype: 'FP64' | 'BYTES';
  shape: number[];
}

/** A loaded predictor. What it returns is checked by `checkAnswer`: a class may return anything. */
export interface OpenedPredictor {
  predict: (request: PredictRequest) => unknown;
  /** Empty for a class: only its answers tell. */
  outputs: OutputSpec[];
  /** The rows of one call belong together: a large one is not split by them. */
  isAtomic: boolean;
}

export interface PredictorSource {
  /** `onnx`, or the absolute path of a .ts, .mts, .js or .mjs file. */
  predictor: string;
  /** Absolute path of the folder that `load` gets, or (onnx) of a file; undefined: the predictor's own folder. */
  modelUri: string | undefined;
  featureCount: number;
  /** That an ONNX model computes one call on; default 1. */
  threads?: number;
}

/**
 * Opens what `wrapper.predictor` names and runs its `load`.
 * @throws AppError NOT_READY with a sentence that names what is wrong; the researcher's own error is its `cause`.
 */
export async function openPredictor(source: PredictorSource): Promise<OpenedPredictor> {
  const { modelUri = dirname(source.predictor) } = source;
  if (source.predictor === 'onnx')
    return { ...(await openOnnx(modelUri, source.featureCount, source.threads)), isAtomic: false };
  const file = basename(source.predictor);
  const predictor = construct(file, await importDefault(source.predictor));
  await load(file, predictor, await modelFolder(modelUri));
  const isAtomic = predictor.atomic === true;
  return { predict: (request) => predictor.predict(request), outputs: [], isAtomic };
}

async function importDefault(path: string): Promise<unknown> {
  const file = basename(path);
  if (!/\.(?:ts|mts|js|mjs)$/.test(file)) {
    throw problem(`wrapper.predictor names "${file}"; it is \`onnx\` or a .ts, .mts, .js or .mjs file`);
  }
  const found = await stat(path).catch((cause: unknown) => {
    throw problem(`wrapper.predictor names ${file}, which does not exist`, cause);
  });
  if (!found.isFile()) throw problem(`wrapper.predictor names ${file}, which is not a file`);
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (thrown) {
    throw importProblem(path, thrown);
  }
  if (!('default' in module)) {
    const named = Object.keys(module);
    const there = named.length === 0 ? 'nothing' : `only ${named.join(', ')}`;
    throw problem(`${file} has no default export (it exports ${there}); write \`export default class …\``);
  }
  return module['default'];
}

/** Why a module cannot be imported: which of syntax, TypeScript beyond stripping, a missing import, its own code. */
function importProblem(path: string, thrown: unknown): AppError {
  const file = basename(path);
  const { code, message } = readThrown(thrown);
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return problem(
      `${file} uses TypeScript that is more than types: ${message} (types are stripped, nothing is compiled)`,
      thrown,
    );
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    const missing = /Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1] ?? 'a module';
    return problem(`${file} imports "${basename(missing)}", which cannot be found`, thrown);
  }
  if (thrown instanceof SyntaxError && /does not provide an export named/.test(message)) {
    return problem(
      `${file} imports a name that is not there: ${message} (a type is imported by \`import type\`)`,
      thrown,
    );
  }
  if (thrown instanceof SyntaxError) {
    return problem(
      `${file} has a syntax error: ${message}`,
      new Error(syntaxReport(path) ?? message, { cause: thrown }),
    );
  }
  return problem(`${file} failed while it was imported: ${message}`, thrown);
}

/** Node tells the line of a syntax error in an ES module only when it checks the file as its main program. */
function syntaxReport(path: string): string | undefined {
  const checked = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: 10_000 });
  return checked.status === 0 ? undefined : checked.stderr.trim();
}

function construct(file: string, exported: unknown): Predictor {
  if (typeof exported !== 'function') {
    const what = typeof exported === 'object' ? 'an object' : `a ${typeof exported}`;
    throw problem(`The default export of ${file} is ${exported === null ? 'null' : what}, not a class`);
  }
  if (exported.prototype === undefined) {
    throw problem(`The default export of ${file} is a function, not a class`);
  }
  const name = exported.name === '' || exported.name === 'default' ? 'The class' : `Class ${exported.name}`;
  let instance: Partial<Predictor>;
  try {
    instance = new (exported as new () => Partial<Predictor>)();
  } catch (thrown) {
    throw problem(`The constructor of ${file} failed: ${readThrown(thrown).message}`, thrown);
  }
  if (typeof instance.predict !== 'function') {
    throw problem(`${name} in ${file} has no method \`predict\`${listMethods(exported.prototype as object)}`);
  }
  if (instance.load !== undefined && typeof instance.load !== 'function') {
    throw problem(`\`load\` of ${file} is a ${typeof instance.load}, not a method`);
  }
  return instance as Predictor;
}

function listMethods(prototype: object): string {
  const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  return methods.length === 0 ? '' : ` (it has ${methods.join(', ')})`;
}

async function load(file: string, predictor: Predictor, folder: string): Promise<void> {
  try {
    await predictor.load?.(folder);
  } catch (thrown) {
    throw problem(`\`load\` of ${file} failed: ${readThrown(thrown).message}`, thrown);
  }
}

async function modelFolder(uri: string): Promise<string> {
  const found = await stat(uri).catch((cause: unknown) => {
    throw problem(`modelUri names ${basename(uri)}, which does not exist`, cause);
  });
  return found.isDirectory() ? uri : dirname(uri);
}

function readThrown(thrown: unknown): { code: unknown; message: string } {
  if (!(thrown instanceof Error)) return { code: undefined, message: String(thrown) };
  return { code: 'code' in thrown ? thrown.code : undefined, message: thrown.message };
}

function problem(sentence: string, cause?: unknown): AppError {
  return new AppError('NOT_READY', `${sentence}.`, { cause });
}
