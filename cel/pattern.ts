import { parsePattern, PatternError } from './pattern-parse.ts';
import { openMatcher } from './pattern-match.ts';

/** What is wrong with a pattern of `matches`, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return `the pattern of matches ${error.message}`;
    throw error;
  }
}

/**
 * A test whether a pattern matches somewhere in a text, in time linear in the text: JavaScript's own engine backtracks,
 * and `(a+)+$` on a caller's string could hold the process. The syntax is RE2's, which has no backreference and no
 * lookaround. Throws PatternError for a pattern that `patternProblem` has something to say about.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  return openMatcher(parsePattern(pattern));
}
