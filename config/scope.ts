import { isCelWord, isGrammarWord } from '../cel/names.ts';
import type { ScalarType } from '../cel/types.ts';
import type { Report } from './report.ts';
import type { WrittenConfig } from './schema.ts';

/** The roots of inputs, which are no names of views or on-demand features. */
const ROOTS: ReadonlySet<string> = new Set(['request', 'instance']);

/** Every name that an expression may read, with its type; names that cannot be read are reported. */
export function readScope(config: WrittenConfig, report: Report): Map<string, ScalarType> {
  const scope = new Map<string, ScalarType>();
  const addMember = (path: readonly string[], root: string, type: ScalarType): void => {
    const member = path.at(-1) ?? '';
    if (isGrammarWord(member)) {
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
  if (!isCelWord(name) && !ROOTS.has(name)) return;
  const why = ROOTS.has(name) ? 'the name of the inputs' : 'a word of CEL';
  report.atKey(path, 'RESERVED_NAME', `\`${name}\` is ${why}: take another name`);
}
