import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../../foundation/errors.ts';
import { isLightgbm, lightgbmInputs } from './lightgbm-inputs.ts';
import { onnxInputs } from './onnx-inputs.ts';
import { pickleInputs } from './pickle-inputs.ts';
import { skopsInputs } from './skops-inputs.ts';

/** One column of what a model is fed. */
export interface ModelColumn {
  name: string;
  /** Undefined where the file does not say. */
  kind?: 'number' | 'integer' | 'bool' | 'string' | 'category';
  /** What the codes stand for, in their order, where the file says it. */
  categories?: readonly string[];
}

/** What a model's file says of what it is fed. */
export interface ModelInputs {
  /** Columns in all; undefined where any number will do. */
  width: number | undefined;
  /** Undefined where the file names none: the model was trained on a bare array. */
  columns: readonly ModelColumn[] | undefined;
  /** Each column is an input of its own, fed by its name: their order means nothing. */
  isByName: boolean;
}

/** A file whose inputs can be read; `read` gives undefined where it says nothing of them. */
export interface ModelFile {
  path: string;
  /** Without its folder. */
  name: string;
  read(): Promise<ModelInputs | undefined>;
}

/**
 * The models at `uri`, a file or a folder with files, whose format names inputs: ONNX, LightGBM's text, scikit-learn's
 * skops and pickles. Others are not looked at.
 * @throws AppError NOT_READY where there is nothing at `uri`.
 */
export async function findModelFiles(uri: string): Promise<ModelFile[]> {
  const found = await stat(uri).catch((cause: unknown) => {
    throw new AppError('NOT_READY', `modelUri names ${basename(uri)}, which does not exist.`, { cause });
  });
  const paths = found.isDirectory() ? (await readdir(uri)).sort().map((name) => join(uri, name)) : [uri];
  const files = await Promise.all(paths.map(modelFile));
  return files.filter((file) => file !== undefined);
}

async function modelFile(path: string): Promise<ModelFile | undefined> {
  const name = basename(path);
  const read = await readerOf(path);
  return read && { path, name, read: () => read(path) };
}

async function readerOf(path: string): Promise<((path: string) => Promise<ModelInputs | undefined>) | undefined> {
  if (path.endsWith('.onnx')) return onnxInputs;
  if (path.endsWith('.skops')) return skopsInputs;
  if (/\.(?:pkl|pickle|joblib)$/.test(path)) return pickleInputs;
  // LightGBM's text has no ending of its own.
  return /\.(?:txt|lgb|lightgbm|model)$/.test(path) && (await isLightgbm(path)) ? lightgbmInputs : undefined;
}
