import { scalarTypeOf, typeOf } from './cel-type.ts';
import { checkMeaning } from './check-meaning.ts';
import { checkStructure } from './check-structure.ts';
import { explainSyntax, explainType, misplacedTimestamp } from './explain-error.ts';
import type { CheckedExpression, ExpressionProblem, Scope } from './expression.ts';
import { parse, parseTyped } from './library.ts';
import { spelledName } from './names.ts';

const MAX_LENGTH = 4096;

/** A CEL text as `checkExpression` leaves it; `checked` is there unless a problem is an error. */
export interface CheckResult {
  checked?: CheckedExpression;
  problems: ExpressionProblem[];
}

/**
 * Parses a CEL text and checks names, functions and types. Problems carry offsets in the text, at the operand, and say
 * the mend; errors of names come all at once, of types the first. Never throws, whatever the text.
 * `timezone` is the configured one: without it calls that read a local clock get a warning.
 */
export function checkExpression(text: string, scope: Scope, options: { timezone?: string } = {}): CheckResult {
  if (text.length > MAX_LENGTH) {
    const message = `the expression is longer than ${MAX_LENGTH} characters; split it into on-demand features`;
    return { problems: [{ severity: 'error', code: 'CEL_LIMIT', message, start: MAX_LENGTH, end: text.length }] };
  }
  let root;
  try {
    root = parse(text).ast;
  } catch (error) {
    return { problems: [explainSyntax(error, text)] };
  }
  const { reads, problems } = checkStructure(root, scope);
  if (problems.length > 0) return { problems };

  const { ast, result } = parseTyped(text, reads, scope);
  const misplaced = misplacedTimestamp(ast);
  if (misplaced) return { problems: [misplaced] };
  if (!result.valid) return { problems: [explainType(result.error, ast)] };
  const found = checkMeaning(ast, options.timezone);
  const type = scalarTypeOf(typeOf(ast) ?? '');
  if (type === undefined) {
    found.push({
      severity: 'error',
      code: 'CEL_RESULT_TYPE',
      message: resultProblem(typeOf(ast)),
      start: 0,
      end: text.length,
    });
  }
  if (type === undefined || found.some(({ severity }) => severity === 'error')) return { problems: found };
  return { checked: { text, type, reads: [...reads], ast, bareName: spelledName(ast) }, problems: found };
}

function resultProblem(type: string | undefined): string {
  const mend = type === 'duration' ? '; write how long it is, as (…).getSeconds()' : '';
  return `the result is ${type ?? 'nothing'}, and a feature is bool, int, double, string or timestamp${mend}`;
}
