import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError } from '../errors.ts';
import { isLightgbm, lightgbmInputs } from './lightgbm-inputs.ts';
import { onnxInputs } from './onnx-inputs.ts';
import { skopsInputs } from './skops-inputs.ts';
import { isXgboost, xgboostInputs } from './xgboost-inputs.ts';

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
  /** Whether it has lists of categories of which it does not say whose they are. */
  hasUnplacedLists?: boolean;
  /** Each column is an input of its own, fed by its name: their order means nothing. */
  isByName: boolean;
}

/** A file of a format that says what its model is fed. */
export interface ModelFile {
  path: string;
  /** Without its folder. */
  name: string;
  /** The library without code that opens it; undefined of a pickle. */
  library: 'onnx' | 'lightgbm' | 'xgboost' | 'sklearn' | undefined;
  /**
   * Undefined: the file says nothing of its inputs. Throws where it is damaged. No function for a pickle, which Python
   * alone can read, and which runs its code.
   */
  read: (() => ModelInputs | undefined) | undefined;
}

/**
 * The models at `uri`, a file or a folder with files, whose format names inputs: ONNX, LightGBM's text, XGBoost's
 * JSON and UBJSON, scikit-learn's skops and pickles. Others are not looked at. They are read at once, not in turns of the event loop: a few KB each.
 * @throws AppError NOT_READY where there is nothing at `uri`.
 */
export function findModelFiles(uri: string): ModelFile[] {
  const found = statSync(uri, { throwIfNoEntry: false });
  if (found === undefined) throw new AppError('NOT_READY', `modelUri names ${basename(uri)}, which does not exist.`);
  const paths = found.isDirectory()
    ? readdirSync(uri)
        .sort()
        .map((name) => join(uri, name))
    : [uri];
  return paths.flatMap(modelFile);
}

function modelFile(path: string): ModelFile[] {
  const name = basename(path);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return [];
  if (/\.(?:pkl|pickle|joblib)$/.test(path)) return [{ path, name, library: undefined, read: undefined }];
  const library = libraryOf(path);
  return library === undefined ? [] : [{ path, name, library, read: () => READERS[library](path) }];
}

type Library = NonNullable<ModelFile['library']>;

const READERS: Record<Library, (path: string) => ModelInputs | undefined> = {
  onnx: onnxInputs,
  lightgbm: lightgbmInputs,
  xgboost: xgboostInputs,
  sklearn: skopsInputs,
};

function libraryOf(path: string): Library | undefined {
  if (path.endsWith('.onnx')) return 'onnx';
  if (path.endsWith('.skops')) return 'sklearn';
  if (/\.(?:ubj|json)$/.test(path)) return isXgboost(path) ? 'xgboost' : undefined;
  // LightGBM's text has no ending of its own.
  return /\.(?:txt|lgb|lightgbm|model)$/.test(path) && isLightgbm(path) ? 'lightgbm' : undefined;
}
