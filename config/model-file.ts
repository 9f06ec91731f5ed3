import { basename } from 'node:path';
import {
  findModelFiles,
  type ModelColumn,
  type ModelFile,
  type ModelInputs,
} from '../foundation/model-inputs/model-inputs.ts';
import { localModelPath } from '../foundation/model-path.ts';
import type { Files } from './files.ts';
import type { WrittenModel } from './schema.ts';

/** The columns that the file of a model names. */
export interface NamedColumns {
  /** The file, without its folder. */
  file: string;
  columns: readonly ModelColumn[];
  /** Whether it has lists of categories of which it does not say whose they are. */
  hasUnplacedLists: boolean;
}

/**
 * What the file at `modelUri` names as its model's inputs, or a sentence about why there is no such file. It counts
 * among the files of the configuration, so that a new one is a reload.
 */
export function readModelColumns(
  { wrapper: { modelUri } }: WrittenModel,
  folder: string,
  files: Files,
): NamedColumns | { problem: string } {
  if (modelUri === undefined) return { problem: '`from-model` reads the model’s file: name it as `wrapper.modelUri`' };
  const uri = localModelPath(folder, modelUri);
  if (uri === undefined) return { problem: '`from-model` reads a file, and `modelUri` is an address of another kind' };
  let found: readonly ModelFile[];
  try {
    found = findModelFiles(uri);
  } catch (error) {
    files.note(uri);
    return { problem: saidOf(error) };
  }
  // Of a folder only the model's own file: the wrapper's class may write others beside it.
  for (const { path } of found) files.note(path);
  if (found.length === 0) {
    files.note(uri);
    return { problem: `\`modelUri\` names ${basename(uri)}, and ${NONE_NAMES_INPUTS}` };
  }
  const read = found.flatMap(readFile);
  const broken = read.find((each) => 'problem' in each);
  if (broken) return broken;
  const named = read.filter((each) => 'columns' in each);
  if (named.length > 1) {
    const names = named.map(({ file }) => file).join(' and ');
    return { problem: `${names} both name inputs: let \`modelUri\` name the one` };
  }
  return named[0] ?? unnamed(found);
}

const NONE_NAMES_INPUTS =
  'there is no model that names its inputs: .onnx, .skops, XGBoost’s .ubj or .json, or LightGBM’s text as .txt';

/** Nothing for a file that names nothing. */
function readFile({ name, read }: ModelFile): (NamedColumns | { problem: string })[] {
  let inputs: ModelInputs | undefined;
  try {
    inputs = read?.();
  } catch (error) {
    return [{ problem: `${name} cannot be read: ${saidOf(error)}` }];
  }
  return inputs?.columns === undefined
    ? []
    : [{ file: name, columns: inputs.columns, hasUnplacedLists: inputs.hasUnplacedLists === true }];
}

function unnamed(found: readonly ModelFile[]): { problem: string } {
  const names = found.map(({ name }) => name).join(' and ');
  if (found.every(({ read }) => read === undefined)) {
    return { problem: `${names} is a pickle, and reading one runs its code: save the model as .skops or .onnx` };
  }
  return {
    problem: `${names} does not name its inputs: train it on a table with named columns, or put them into an ONNX model’s property \`feature_names\``,
  };
}

/** What went wrong, without its full stop. What the system says of a file has its path: its code is told. */
function saidOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  const isOfSystem = code !== undefined && /^E[A-Z]+$/.test(code);
  return isOfSystem ? code : message.replace(/\.$/, '');
}
