import { checkExpression } from '../cel/check.ts';
import type { CheckedExpression, Scope } from '../cel/expression.ts';
import type { ScalarType } from '../cel/types.ts';
import type { CheckedConfig, CheckedFunction } from './checked.ts';
import { functionNamed } from './on-demand.ts';
import type { Path } from './places.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';

/** Checks the CEL texts of one configuration: each problem lands in the report where the text has it. */
export class Expressions {
  readonly #config: Config;
  readonly #scope: Scope;
  readonly #report: Report;

  constructor(config: Config, scope: Scope, report: Report) {
    this.#config = config;
    this.#scope = scope;
    this.#report = report;
  }

  /** The key parts of every view, in the YAML's order; parts in error are left out. */
  keys(): CheckedConfig['keys'] {
    return mapValues(this.#config.views, (view, { key }) =>
      Object.entries(key).flatMap(([part, text]) => {
        const path = ['views', view, 'key', part];
        const expression = this.#check(path, text);
        if (expression?.type === 'double') {
          this.#report.at(
            path,
            'KEY_TYPE',
            `the key part \`${part}\` is a double, which has no exact text to look up: write \`int(…)\` or \`string(…)\``,
          );
        }
        return expression ? [{ part, expression }] : [];
      }),
    );
  }

  onDemand(): CheckedConfig['onDemand'] {
    return mapValues(this.#config.onDemand, (name, { type, cel }) => {
      if (cel === undefined) return undefined;
      const path = ['onDemand', name, 'cel'];
      const expression = this.#check(path, cel);
      if (expression && expression.type !== type) {
        this.#report.at(
          path,
          'ON_DEMAND_TYPE',
          `\`${name}\` is declared as ${type}, and its expression gives ${expression.type}: ${mendOf(type, expression.type)}`,
        );
      }
      return expression;
    });
  }

  /** Those whose text names a function of a file; arguments in error are left out. */
  functions(): CheckedConfig['functions'] {
    return mapValues(this.#config.onDemand, (feature, { function: text, args }): CheckedFunction | undefined => {
      const named = text === undefined ? undefined : functionNamed(text);
      if (named === undefined) return undefined;
      const checked = Object.entries(args).flatMap(([name, argument]) => {
        const expression = this.#check(['onDemand', feature, 'args', name], argument);
        return expression ? [{ name, expression }] : [];
      });
      return { ...named, args: checked, reads: [...new Set(checked.flatMap(({ expression }) => expression.reads))] };
    });
  }

  fallbacks(): CheckedConfig['fallbacks'] {
    return mapValues(this.#config.models, (model, { fallback }) => {
      if (!fallback) return undefined;
      const path = ['models', model, 'fallback', 'cel'];
      const expression = this.#check(path, fallback.cel);
      if (expression?.type === 'string' || expression?.type === 'timestamp') {
        this.#report.at(path, 'FALLBACK_TYPE', `a fallback is a prediction, a number; this gives ${expression.type}`);
      }
      return expression;
    });
  }

  #check(path: Path, text: string): CheckedExpression | undefined {
    const written = this.#report.places.numberSource(path);
    const { timezone } = this.#config;
    const { checked, problems } = checkExpression(
      written !== undefined && /^-?\d+(\.\d+)?$/.test(written) ? written : text,
      this.#scope,
      timezone === undefined ? {} : { timezone },
    );
    for (const { start, end, code, message, severity } of problems) {
      if (code === 'CEL_UNKNOWN_NAME' && this.#report.broken.mayDefine(text.slice(start, end))) continue;
      this.#report.add(this.#report.places.inText(path, start), code, message, severity);
    }
    return checked;
  }
}

function isNumber(type: ScalarType): boolean {
  return type === 'int64' || type === 'double';
}

/** How an expression of one type becomes one of another, or the other declaration. */
function mendOf(declared: ScalarType, given: ScalarType): string {
  const declare = `declare \`type: ${given}\``;
  if (declared === 'double' && given === 'int64') return `write \`double(…)\` round it, or ${declare}`;
  if (declared === 'int64' && isNumber(given)) return `write \`int(…)\` round it, or ${declare}`;
  if (declared === 'string' && isNumber(given)) return `write \`string(…)\` round it, or ${declare}`;
  return declare;
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (name: string, value: In) => Out | undefined,
): Map<string, Out> {
  const mapped = new Map<string, Out>();
  for (const [name, value] of Object.entries(record)) {
    const out = map(name, value);
    if (out !== undefined) mapped.set(name, out);
  }
  return mapped;
}
