import type { Rule } from './rules.ts';

/** The environment as the process has it: `process.env`, or a test's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Substitution {
  text: string;
  problems: { rule: Rule; message: string }[];
}

const REFERENCE = /\$\{([^}]*)(\}?)/g;
const INSIDE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * The text with `${NAME}` and `${NAME:-default}` replaced, once: what a variable holds is never read again. As in a
 * shell, `:-` also stands in for a variable that is set but empty.
 */
export function substitute(text: string, environment: Environment): Substitution {
  const problems: Substitution['problems'] = [];
  const replaced = text.replace(REFERENCE, (whole, inside: string, close: string) => {
    const [, name, fallback] = (close === '' ? null : INSIDE.exec(inside)) ?? [];
    if (name === undefined) {
      problems.push({
        rule: 'ENV_SYNTAX',
        message: `\`${whole}\` is no environment variable: write \`\${NAME}\` or \`\${NAME:-default}\``,
      });
      return '';
    }
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
    if (value !== undefined) return value;
    problems.push({
      rule: 'ENV_UNSET',
      message: `the environment variable ${name} is not set: set it, or write \`\${${name}:-default}\``,
    });
    return '';
  });
  return { text: replaced, problems };
}

/** The text as YAML's core schema reads a plain scalar: what a number or boolean key makes of a substituted text. */
export function readScalar(text: string): string | number | boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  return /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(text) ? Number(text) : text;
}
