import type { ASTNode } from '@marcbachmann/cel-js';
import type { CelRule } from './rules.ts';
import type { ScalarType, Values } from './types.ts';

/** The names an expression may read, dotted (`instance.tailnum`, `plane.year`, `plane_age`), with their types. */
export type Scope = ReadonlyMap<string, ScalarType>;

/** What is wrong with a CEL text, or doubtful; `start` and `end` are offsets in the text. */
export interface ExpressionProblem {
  severity: 'error' | 'warning';
  code: CelRule;
  message: string;
  start: number;
  end: number;
}

/** A parsed and statically typed CEL text. `reads` are the names of the scope it reads, each once. */
export interface CheckedExpression {
  text: string;
  type: ScalarType;
  reads: readonly string[];
  ast: ASTNode;
  /** The name when the text is only a name of the scope: the fast path copies a column, no evaluation. */
  bareName: string | undefined;
}

/** Where a name's column is at evaluation: its slot, and whether it has a row an instance or one row a request. */
export interface Slot {
  slot: number;
  perInstance: boolean;
}

/**
 * A compiled expression over columns: `columns[slot]` are the values, `row` the instance.
 * Numbers, bools (0/1) and timestamps (epoch ms) as number with NaN for null; strings as string or null.
 */
export type Evaluate = (columns: readonly Values[], row: number) => number | string | null;
