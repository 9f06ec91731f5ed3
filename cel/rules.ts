/** Every rule that a CEL text can break, by the code that `tandem check` prints, with the rule in a line. */
export const CEL_RULES = {
  CEL_SYNTAX: 'The text is one CEL expression.',
  CEL_LIMIT: 'An expression stays small: 4096 characters, 2000 nodes, 100 levels, lists of 1000.',
  CEL_UNKNOWN_NAME: 'A name is that of an input, of a field of a view, or of an on-demand feature.',
  CEL_UNKNOWN_FUNCTION: 'A function is one of the table in docs/cel.md.',
  CEL_UNSUPPORTED: 'What CEL has beyond columns of scalars (maps, macros, bytes) is not part of the language.',
  CEL_TYPE: 'Operands have the types that their operator or function takes.',
  CEL_RESULT_TYPE: 'The result is a bool, int64, double, string or timestamp.',
  CEL_LITERAL: 'A pattern, zone, step or moment that is written out is well-formed.',
  CEL_NULL: 'Null stands beside `==` and `!=` only.',
  CEL_NULL_BRANCH: 'Both branches of `?:` have a value.',
  CEL_INT_RANGE: 'An int is exact: at most 2^53.',
  CEL_INT_DIVISION: 'An int is not divided by an int where a double is wanted.',
  CEL_NO_TIMEZONE: 'A getter of the local clock has a zone, its own or the configured one.',
} as const satisfies Record<string, string>;

export type CelRule = keyof typeof CEL_RULES;
