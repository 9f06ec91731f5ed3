import type { CheckedConfig } from './checked.ts';
import type { Path } from './places.ts';
import type { Report } from './report.ts';

/** A view or on-demand feature needs another, by the expression at `path`. */
interface Need {
  name: string;
  path: Path;
}

interface Step {
  from: string;
  /** The expression by which `from` needs the next. */
  path: Path;
}

/** Reports circles among views and on-demand features with the way round; a name is in one of them at most. */
export function checkCycles(keys: CheckedConfig['keys'], onDemand: CheckedConfig['onDemand'], report: Report): void {
  const told = new Set<string>();
  for (const circle of findCircles(readNeeds(keys, onDemand))) {
    if (circle.some(({ from }) => told.has(from))) continue;
    for (const { from } of circle) told.add(from);
    const way = [...circle, ...circle.slice(0, 1)].map(({ from }) => `\`${from}\``).join(' needs ');
    report.at(circle[0]?.path ?? [], 'CYCLE', `${way}: one of them must do without the next`);
  }
}

function readNeeds(keys: CheckedConfig['keys'], onDemand: CheckedConfig['onDemand']): Map<string, Need[]> {
  const needs = new Map<string, Need[]>();
  const add = (name: string, path: Path, reads: readonly string[]): void => {
    const roots = reads.map((read) => read.split('.', 1)[0] ?? read);
    const found = roots.filter((root) => keys.has(root) || onDemand.has(root)).map((root) => ({ name: root, path }));
    needs.set(name, [...(needs.get(name) ?? []), ...found]);
  };
  for (const [view, parts] of keys) {
    for (const { part, expression } of parts) add(view, ['views', view, 'key', part], expression.reads);
  }
  for (const [name, expression] of onDemand) add(name, ['onDemand', name, 'cel'], expression.reads);
  return needs;
}

/** Walks depth first, without recursion so that no chain is too long; what comes back to the way is a circle. */
function findCircles(needs: ReadonlyMap<string, readonly Need[]>): Step[][] {
  const circles: Step[][] = [];
  const seen = new Set<string>();
  for (const start of needs.keys()) {
    const way: (Step & { next: number })[] = [];
    const enter = (from: string): void => {
      if (seen.has(from)) return;
      seen.add(from);
      way.push({ from, path: [], next: 0 });
    };
    enter(start);
    for (let step = way.at(-1); step; step = way.at(-1)) {
      const need = needs.get(step.from)?.[step.next++];
      if (!need) {
        way.pop();
        continue;
      }
      step.path = need.path;
      const back = way.findIndex(({ from }) => from === need.name);
      if (back >= 0) circles.push(way.slice(back).map(({ from, path }) => ({ from, path })));
      else enter(need.name);
    }
  }
  return circles;
}
