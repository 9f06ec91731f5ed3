import { Environment } from '@marcbachmann/cel-js';
import { celTypeOf, libraryType } from './cel-type.ts';
import { FUNCTIONS } from './functions.ts';
import type { Scope } from './expression.ts';
import { splitName } from './names.ts';

/** Bounds on what is parsed, so that no text of a configuration can hold the process or its stack. */
const LIMITS = { maxAstNodes: 2000, maxDepth: 100, maxListElements: 1000, maxMapEntries: 1, maxCallArguments: 8 };

/** The library types and parses; what it would run is never run, the closures of compile.ts are. */
const neverRun = (): never => {
  throw new Error('expressions are evaluated by compiled closures');
};

const base = openBase();

function openBase(): Environment {
  const environment = new Environment({ limits: LIMITS });
  const known = new Set(environment.getDefinitions().functions.map(({ signature }) => signature));
  for (const { name, isMethod, operands, result } of FUNCTIONS) {
    const types = operands.map(libraryType);
    const receiver = isMethod ? `${types.shift()}.` : '';
    const signature = `${receiver}${name}(${types.join(', ')}): ${libraryType(result)}`;
    if (!known.has(signature)) environment.registerFunction(signature, neverRun, { async: false });
  }
  for (const type of ['bool', 'int', 'double', 'string', 'timestamp'] as const) {
    environment.registerOperator(`${libraryType(type)} == null`, neverRun);
  }
  return environment;
}

/** The syntax tree of a text; throws the library's ParseError. Types are not known yet. */
export const parse = (text: string) => base.parse(text);

/**
 * The syntax tree of a text with the type of every node, the names that it reads being declared; or the library's error.
 * Every check declares its own few names: a scope of a thousand views costs nothing to a text that reads two.
 */
export function parseTyped(text: string, reads: Iterable<string>, scope: Scope) {
  const fields = new Map<string, Record<string, string>>();
  const environment = base.clone();
  for (const name of reads) {
    const [root, field] = splitName(name);
    const type = libraryType(celTypeOf(scope.get(name)!));
    if (field === undefined) {
      environment.registerVariable(root, type);
      continue;
    }
    const schema = fields.get(root) ?? (Object.create(null) as Record<string, string>);
    schema[field] = type;
    fields.set(root, schema);
  }
  for (const [name, schema] of fields) environment.registerVariable({ name, schema });
  const parsed = environment.parse(text);
  return { ast: parsed.ast, result: parsed.check() };
}
