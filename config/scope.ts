import type { ScalarType } from '../cel/types.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';

/** Words that a CEL text cannot have as a name: its literals, operators, types and reserved words, and our two roots. */
const RESERVED = new Set(
  (
    'request instance true false null in bool bytes double dyn int list map null_type string type uint ' +
    'as break const continue else for function if import let loop namespace package return var void while'
  ).split(' '),
);
/** Words that cannot even follow a dot: `request.in` does not parse. */
const KEYWORDS = new Set(['true', 'false', 'null', 'in']);

/** Every name that an expression may read, with its type; names that cannot be read are reported. */
export function readScope(config: Config, report: Report): Map<string, ScalarType> {
  const scope = new Map<string, ScalarType>();
  const addMember = (path: readonly string[], root: string, type: ScalarType): void => {
    const member = path.at(-1) ?? '';
    if (KEYWORDS.has(member)) {
      report.atKey(path, 'RESERVED_NAME', `\`${member}\` is a word of CEL, which could not read \`${root}.${member}\``);
    }
    scope.set(`${root}.${member}`, type);
  };
  for (const root of ['request', 'instance'] as const) {
    for (const [name, { type }] of Object.entries(config.inputs[root])) addMember(['inputs', root, name], root, type);
  }
  for (const [view, { fields }] of Object.entries(config.views)) {
    checkName(['views', view], report);
    for (const [name, { type }] of Object.entries(fields)) addMember(['views', view, 'fields', name], view, type);
  }
  for (const [name, { type }] of Object.entries(config.onDemand)) {
    checkName(['onDemand', name], report);
    if (Object.hasOwn(config.views, name)) {
      const { line } = report.places.atKey(['views', name]);
      report.atKey(['onDemand', name], 'DUPLICATE_NAME', `\`${name}\` is already the name of the view on line ${line}`);
    }
    scope.set(name, type);
  }
  return scope;
}

function checkName(path: readonly [string, string], report: Report): void {
  const [, name] = path;
  if (!RESERVED.has(name)) return;
  const why = name === 'request' || name === 'instance' ? 'the name of the inputs' : 'a word of CEL';
  report.atKey(path, 'RESERVED_NAME', `\`${name}\` is ${why}: take another name`);
}
