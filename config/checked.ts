import type { CheckedExpression } from '../cel/expression.ts';
import type { ScalarType } from '../cel/types.ts';
import type { Config } from './schema.ts';
import type { Secret } from './secret.ts';

/** A place in a file, lines and columns from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** One thing wrong (or doubtful) with a configuration: printed as `file:line:col severity code message`. */
export interface Problem extends Place {
  severity: 'error' | 'warning';
  code: string;
  message: string;
}

/** A feature of a model, its names resolved. `from` is a name of the scope. */
export interface CheckedFeature {
  name: string;
  from: string;
  type: ScalarType;
  categories: readonly string[] | undefined;
  unknown: 'null' | 'fail' | number;
  /** What a null string among categories is: null, the failure of its instance, or a code. */
  nulls: 'keep' | 'fail' | number;
  /** The value of a null string that goes to the model as a BYTES column. */
  default: string | number | boolean | undefined;
}

/** A function of a file of the researcher, with what it is called with. */
export interface CheckedFunction {
  /** As the YAML has it, relative to its folder. */
  file: string;
  /** Its name in that file. */
  called: string;
  args: readonly { name: string; expression: CheckedExpression }[];
  /** All that the arguments read, each name once. */
  reads: readonly string[];
}

/** A configuration in which every name is known, every expression is typed and nothing goes round in a circle. */
export interface CheckedConfig {
  config: Config;
  /** Absolute path of the file, and the folder that relative paths are relative to. */
  file: string;
  folder: string;
  /** Every file that was read, absolute, `file` first: included ones, overlays, lists of categories and models too. */
  files: readonly string[];
  /** The text of a secret of this configuration. Throws AppError where it cannot be read. */
  readSecret(secret: Secret): string;
  /** Where a key or value stands, by its path in the YAML (`['views', 'plane', 'maxAge']`). */
  place(path: readonly (string | number)[]): Place;
  /** The type of every name that an expression may read: `request.time`, `instance.id`, `plane.year`, `plane_age`. */
  types: ReadonlyMap<string, ScalarType>;
  /** Key parts of each view, in the YAML's order. */
  keys: ReadonlyMap<string, readonly { part: string; expression: CheckedExpression }[]>;
  /** The on-demand features that are expressions, and those that are functions. */
  onDemand: ReadonlyMap<string, CheckedExpression>;
  functions: ReadonlyMap<string, CheckedFunction>;
  features: ReadonlyMap<string, readonly CheckedFeature[]>;
  /** Models whose features are the columns that their own file names (`features: from-model`). */
  picking: ReadonlySet<string>;
  fallbacks: ReadonlyMap<string, CheckedExpression>;
}

/** What reading a configuration gave: all its problems, and the configuration unless one of them is an error. */
export interface LoadResult {
  checked: CheckedConfig | undefined;
  problems: Problem[];
  /** Every file that was read or looked for, absolute, the first one first: what `--watch` watches. */
  files: readonly string[];
}
