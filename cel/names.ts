import type { ASTNode } from '@marcbachmann/cel-js';

/** Words of CEL's grammar: no field can be called so. */
const GRAMMAR = ['true', 'false', 'null', 'in'];
const RESERVED =
  'as break const continue else for function if import let loop package namespace return var void while __proto__ prototype';
const MEANINGS = 'bool bytes double dyn int list map null_type string type uint cel google optional';
/** Words that CEL keeps for itself or gives a meaning: no view, input group or on-demand feature can be called so. */
const WORDS = new Set([GRAMMAR, RESERVED.split(' '), MEANINGS.split(' ')].flat());

/** Whether CEL has the word for itself, so that no view or on-demand feature can have it as its name. */
export const isCelWord = (name: string): boolean => WORDS.has(name);

/** Whether CEL's grammar has the word, so that no field or input can have it as its name. */
export const isGrammarWord = (name: string): boolean => GRAMMAR.includes(name);

/** `plane.year` is [`plane`, `year`]; `plane_age` is [`plane_age`, undefined]. */
export function splitName(name: string): [root: string, field: string | undefined] {
  const dot = name.indexOf('.');
  return dot === -1 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}

/** The dotted name that a node spells (`plane.year`, `plane_age`, also `a.b.c`), or undefined for any other node. */
export function spelledName(node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return undefined;
  const root = spelledName(node.args[0]);
  return root === undefined ? undefined : `${root}.${node.args[1]}`;
}
