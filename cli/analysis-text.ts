import { formatAge, formatMs } from './short-times.ts';
import { alignColumns, indent, type Cell, type Paint } from '../orchestrator/plan/text-table.ts';
import type { Analysis, AnalysedFeature, AnalysedInstance } from './analysis.ts';

/** The analysis for a person: a table an instance, then the steps by level, what was not fresh, and the time. */
export function printAnalysis(analysis: Analysis, paint: Paint): string {
  const { model, rows, asOf, notAsked, fallback, instances } = analysis;
  const lines = [`${paint('bold', `model ${model}`)}: ${count(rows, 'instance')}, as of ${asOf}`];
  if (notAsked !== null) lines.push(paint('yellow', notAsked));
  if (fallback !== null) lines.push(paint('yellow', `The fallback stood in for ${fallback}.`));
  for (const instance of instances) lines.push('', ...printInstance(instance, paint));
  if (instances.length < rows) lines.push('', paint('dim', `${rows - instances.length} more: --rows ${rows}`));
  lines.push(
    '',
    ...printSteps(analysis, paint),
    '',
    ...printDegraded(analysis, paint),
    '',
    ...printTimes(analysis, paint),
  );
  return `${lines.join('\n')}\n`;
}

function printInstance({ instance, id, outputs, error, features }: AnalysedInstance, paint: Paint): string[] {
  const made = Object.entries(outputs).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const told = [...(id === null ? [] : [String(id)]), ...made, ...(error ? [`${error.code}: ${error.error}`] : [])];
  const head: Cell[] = ['feature', 'value', 'status', 'source', 'age', 'time'].map((text) => ({ text, style: 'dim' }));
  return [
    `${paint('bold', `instance ${instance}`)}  ${told.join('  ')}`.trimEnd(),
    ...indent(alignColumns([head, ...features.map(featureRow)], paint, new Set([4, 5])), 2),
  ];
}

function featureRow({ name, value, category, status, source, ageMs, timeMs }: AnalysedFeature): Cell[] {
  const shown = `${JSON.stringify(value)}${category === null ? '' : ` (${category})`}`;
  return [
    name,
    shown,
    status === 'PRESENT' ? status : { text: status, style: isFault(status) ? 'red' : 'yellow' },
    source,
    ageMs === null ? '' : formatAge(ageMs),
    timeMs === null ? '' : formatMs(timeMs),
  ];
}

function printSteps({ steps }: Analysis, paint: Paint): string[] {
  if (steps.length === 0) return [paint('dim', 'no steps: every feature is an input')];
  const head: Cell[] = ['level', 'step', '', 'keys', 'time'].map((text) => ({ text, style: 'dim' }));
  const rows = steps.map(({ level, kind, name, keys, ms }): Cell[] => [
    String(level),
    kind,
    name,
    keys === null ? '' : String(keys),
    ms === null ? 'not needed' : formatMs(ms),
  ]);
  return [paint('bold', 'steps'), ...indent(alignColumns([head, ...rows], paint, new Set([0, 3, 4])), 2)];
}

function printDegraded({ degraded }: Analysis, paint: Paint): string[] {
  if (degraded.length === 0) return [`${paint('bold', 'degraded')}  nothing`];
  const rows = degraded.map(({ view, status, source, count: instances }): Cell[] => [
    view,
    { text: status, style: isFault(status) ? 'red' : 'yellow' },
    source,
    count(instances, 'instance'),
  ]);
  return [paint('bold', 'degraded'), ...indent(alignColumns(rows, paint), 2)];
}

/** Against the budget. The process is a new one: what it runs for the first time is slower than in a server. */
function printTimes({ timing, budget, notAsked }: Analysis, paint: Paint): string[] {
  const rows = [
    timeRow('decode', timing.decode),
    timeRow('features', timing.features, budget.featuresMs),
    ...(notAsked === null ? [timeRow('matrix', timing.matrix), timeRow('model', timing.model, budget.modelMs)] : []),
    timeRow('total', timing.total, budget.deadlineMs),
  ];
  return [
    `${paint('bold', 'time')} of a first call: a server that is warm takes less`,
    ...indent(alignColumns(rows, paint, new Set([1, 2])), 2),
  ];
}

function timeRow(stage: string, ms: number, ofMs?: number): Cell[] {
  return [stage, formatMs(ms), ofMs === undefined ? '' : `of ${formatMs(ofMs)}`];
}

const isFault = (status: AnalysedFeature['status']): boolean => status === 'TIMEOUT' || status === 'ERROR';

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
