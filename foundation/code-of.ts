/**
 * A function of this source, for loops that V8 runs faster when their names and numbers are spelled out. Undefined where
 * the process may make no code of texts (`--disallow-code-generation-from-strings`). The source is to hold nothing that a
 * user wrote but as a literal.
 */
export function codeOf(parameters: readonly string[], source: string): unknown {
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- what comes from outside is a literal, as said above
    return new Function(...parameters, `'use strict';\n${source}`);
  } catch (thrown) {
    if (thrown instanceof EvalError) return undefined;
    throw thrown;
  }
}
