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
 * All texts over one scope share an environment, since a new one sorts all functions anew (0.2 ms); a view is declared
 * when the first text reads it.
 */
export function parseTyped(text: string, reads: Iterable<string>, scope: Scope) {
  const opened = environments.get(scope) ?? new ScopeEnvironment(scope);
  environments.set(scope, opened);
  for (const name of reads) opened.declare(name);
  const parsed = opened.environment.parse(text);
  return { ast: parsed.ast, result: parsed.check() };
}

const environments = new WeakMap<Scope, ScopeEnvironment>();

/** The library's environment for one scope, which no longer changes once a text over it was checked. */
class ScopeEnvironment {
  readonly environment = base.clone();
  readonly #scope: Scope;
  /** The types of each group's fields (a view, `instance`, `request`), as the library knows them. */
  readonly #groups = new Map<string, Record<string, string>>();
  readonly #declared = new Set<string>();

  constructor(scope: Scope) {
    this.#scope = scope;
    for (const [name, type] of scope) {
      const [group, field] = splitName(name);
      if (field === undefined) continue;
      const schema = this.#groups.get(group) ?? (Object.create(null) as Record<string, string>);
      schema[field] = libraryType(celTypeOf(type));
      this.#groups.set(group, schema);
    }
  }

  declare(name: string): void {
    const [root, field] = splitName(name);
    if (this.#declared.has(root)) return;
    this.#declared.add(root);
    const schema = field === undefined ? undefined : this.#groups.get(root);
    if (schema) this.environment.registerVariable({ name: root, schema });
    else this.environment.registerVariable(root, libraryType(celTypeOf(this.#scope.get(name)!)));
  }
}
