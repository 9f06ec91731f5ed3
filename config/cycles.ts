import type { CheckedExpression } from '../cel/expression.ts';
import type { CheckedConfig } from './checked.ts';
import { type Needs, rootOf } from './needs.ts';
import type { Path } from './places.ts';
import type { Report } from './report.ts';

type Expressions = Pick<CheckedConfig, 'keys' | 'onDemand' | 'functions'>;

/** Reports circles among views and on-demand features with the way round; a name is in one of them at most. */
export function checkCycles(needs: Needs, found: Expressions, report: Report): void {
  const told = new Set<string>();
  for (const circle of findCircles(needs)) {
    if (circle.some((name) => told.has(name))) continue;
    for (const name of circle) told.add(name);
    const [first = '', second = first] = circle;
    const way = [...circle, first].map((name) => `\`${name}\``).join(' needs ');
    report.at(placeOfNeed(first, second, found), 'CYCLE', `${way}: one of them must do without the next`);
  }
}

/** The expression by which `from` needs `to`. */
function placeOfNeed(from: string, to: string, { keys, functions }: Expressions): Path {
  const isNeed = ({ expression }: { expression: CheckedExpression }): boolean =>
    expression.reads.some((read) => rootOf(read) === to);
  const part = keys.get(from)?.find(isNeed);
  if (part) return ['views', from, 'key', part.part];
  const argument = functions.get(from)?.args.find(isNeed);
  return argument ? ['onDemand', from, 'args', argument.name] : ['onDemand', from, 'cel'];
}

/** Walks depth first, without recursion so that no chain is too long; what comes back to the way is a circle. */
function findCircles({ names, needsOf }: Needs): string[][] {
  const circles: string[][] = [];
  const seen = new Set<string>();
  for (const start of names) {
    const way: { name: string; left: string[] }[] = [];
    const enter = (name: string): void => {
      if (seen.has(name)) return;
      seen.add(name);
      way.push({ name, left: needsOf(name).toReversed() });
    };
    enter(start);
    for (let step = way.at(-1); step; step = way.at(-1)) {
      const need = step.left.pop();
      const back = way.findIndex(({ name }) => name === need);
      if (need === undefined) way.pop();
      else if (back >= 0) circles.push(way.slice(back).map(({ name }) => name));
      else enter(need);
    }
  }
  return circles;
}
