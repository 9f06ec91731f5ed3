import type { ASTNode } from '@marcbachmann/cel-js';
import { typeOf } from './cel-type.ts';
import type { Value } from './cel-type.ts';
import { compileCall } from './compile-call.ts';
import { compare, equal, isPresent, member } from './compile-comparison.ts';
import { arithmetic, negate } from './compile-arithmetic.ts';
import { and, choose, not, or } from './compile-logic.ts';
import { spelledName } from './names.ts';
import { isNullLiteral, operandsOf } from './node.ts';
import { combine, constant, readColumn } from './operand.ts';
import type { NumberOf, Operand, Surroundings } from './operand.ts';

/** The closure of one node of a checked tree, made of the closures below it; constants are folded. */
export function compileNode(node: ASTNode, surroundings: Surroundings): Operand {
  const name = spelledName(node);
  if (name !== undefined) return readColumn(surroundings.slotOf(name), typeOf(node) === 'string');
  const below = (child: ASTNode): Operand => compileNode(child, surroundings);

  switch (node.op) {
    case 'value':
      return constant(literalValue(node.args));
    case '!_': {
      const operand = below(node.args);
      return combine([operand], not(operand.evaluate as NumberOf));
    }
    case '-_': {
      const operand = below(node.args);
      return combine([operand], negate(operand.evaluate as NumberOf));
    }
    case '&&':
    case '||': {
      const [left, right] = node.args.map(below) as [Operand, Operand];
      const join = node.op === '&&' ? and : or;
      return combine([left, right], join(left.evaluate as NumberOf, right.evaluate as NumberOf));
    }
    case '?:': {
      const [condition, left, right] = node.args.map(below) as [Operand, Operand, Operand];
      const isText = typeOf(node) === 'string';
      return combine(
        [condition, left, right],
        choose(condition.evaluate as NumberOf, left.evaluate, right.evaluate, isText),
      );
    }
    case 'in': {
      const list = node.args[1] as Extract<ASTNode, { op: 'list' }>;
      const item = below(node.args[0]);
      const elements = list.args.map(below);
      return combine([item, ...elements], member(item.evaluate, elements));
    }
    case '==':
    case '!=': {
      const tested = testedForNull(node.args);
      if (tested !== undefined) return nullTest(tested && below(tested), node.op === '==');
      const [left, right] = node.args.map(below) as [Operand, Operand];
      return combine([left, right], equal(left, right, node.op === '==', typeOf(node.args[0]) === 'string'));
    }
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const [left, right] = node.args.map(below) as [Operand, Operand];
      return combine([left, right], compare(node.op, left, right, typeOf(node.args[0]) === 'string'));
    }
    case '+':
    case '-':
    case '*':
    case '/':
    case '%': {
      const [left, right] = node.args.map(below) as [Operand, Operand];
      return combine([left, right], arithmetic(node.op, typeOf(node), left.evaluate, right.evaluate));
    }
    case 'call':
    case 'rcall':
      if (node.args[0] === 'has') return nullTest(below(operandsOf(node)[0]), false);
      return compileCall(node, operandsOf(node).map(below), surroundings.zone);
    case 'id':
    case 'list':
    case 'map':
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      throw new Error(`a checked expression has no ${node.op}`);
  }
}

function literalValue(literal: unknown): Value {
  if (typeof literal === 'boolean') return literal ? 1 : 0;
  return typeof literal === 'bigint' ? Number(literal) : (literal as Value);
}

/** The operand beside a literal null; null where both are, undefined where none is. */
function testedForNull([left, right]: readonly [ASTNode, ASTNode]): ASTNode | null | undefined {
  if (isNullLiteral(right)) return isNullLiteral(left) ? null : left;
  return isNullLiteral(left) ? right : undefined;
}

function nullTest(operand: Operand | null, wantsNull: boolean): Operand {
  if (!operand) return constant(wantsNull ? 1 : 0);
  return combine([operand], isPresent(operand.evaluate, wantsNull ? 0 : 1));
}
