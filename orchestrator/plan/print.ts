import { formatBytes, formatDuration } from '../../foundation/duration.ts';
import type { CallDescription, LevelDescription, ModelDescription, PlanDescription } from './describe.ts';
import { keysText, readRows, roundTitle } from './print-read.ts';
import { alignColumns, indent, plain, type Cell, type Paint } from './text-table.ts';
import type { WorstCase } from './worst-case.ts';

/** The description for a person: a line that sums a model up, what bounds it, then its levels and its columns. */
export function printPlan(description: PlanDescription, paint: Paint = plain): string {
  const lines = [`project ${description.project}, as of ${description.asOf}`];
  for (const model of description.models) lines.push('', ...printModel(model, paint));
  lines.push(...printOverrides(description.overrides, paint));
  lines.push(...printCaches(description.caches, paint));
  return `${lines.join('\n')}\n`;
}

function printModel(model: ModelDescription, paint: Paint): string[] {
  const { cost, worstCase, features } = model;
  const reads = keysText(cost.keysPerRequest, cost.keysPerObject, 'read');
  const latest = `worst case ${formatDuration(worstCase.totalMs)} of ${formatDuration(model.deadlineMs)}`;
  const facts: Cell[][] = [
    [{ text: 'reads', style: 'dim' }, roundsText(model)],
    [{ text: 'time', style: 'dim' }, worstCaseText(worstCase, model)],
    [{ text: 'deadline', style: 'dim' }, deadlineText(model)],
  ];
  return [
    `${paint('bold', `model ${model.model}`)}: ${features.length} ${plural('feature', features.length)}, ${reads}, ${latest}`,
    ...indent(alignColumns(facts, paint), 2),
    ...model.levels.flatMap((level, at) => printLevel(level, at, paint)),
    `  ${paint('bold', 'features')}`,
    ...indent(alignColumns(featureRows(model), paint, new Set([0])), 4),
  ];
}

function roundsText({ cost, levels }: ModelDescription): string {
  if (cost.rounds === 0) return 'none';
  const depth = levels.filter(({ reads }) => reads.length > 0).length;
  const waits = depth === 1 ? 'all at once' : `in ${depth} levels, one after the other`;
  return `${cost.rounds} ${plural('round', cost.rounds)}, ${waits}`;
}

/** What each stage may take, and what ends it: a timeout of its own or its budget. */
function worstCaseText(
  { features, modelMs, levels, totalMs, cutByDeadline }: WorstCase,
  model: ModelDescription,
): string {
  const spareMs = model.deadlineMs - totalMs;
  const spare = spareMs > 0 ? `${formatDuration(spareMs)} to spare` : 'nothing to spare';
  const ends = cutByDeadline ? 'the deadline comes first' : spare;
  const reads = levels.filter(({ view }) => view !== null);
  const slowest = reads.map(
    ({ view, ms }) => `${view} ${ms === null ? 'has no timeout of its own' : formatDuration(ms)}`,
  );
  const why =
    reads.length === 0
      ? 'nothing is read'
      : features.boundBy === 'timeouts'
        ? `slowest reads: ${slowest.join(' + ')}`
        : `ended by their budget: ${slowest.join(' + ')}`;
  return `features ${formatDuration(features.ms)} (${why}) + model ${formatDuration(modelMs)}, ${ends}`;
}

function deadlineText({ deadlineMs, budget, fallback }: ModelDescription): string {
  const stages = `features ${formatDuration(budget.featuresMs)}, model ${formatDuration(budget.modelMs)}`;
  const instead = fallback.length === 0 ? 'no fallback' : `fallback on ${fallback.join(', ')}`;
  return `${formatDuration(deadlineMs)} (${stages}); ${instead}`;
}

function printLevel({ computes, calls, reads, rounds }: LevelDescription, at: number, paint: Paint): string[] {
  const lines = [`  ${paint('bold', `level ${at}`)}`];
  if (computes.length > 0) {
    const rows = computes.map(({ name, per, type, cel }): Cell[] => [
      { text: name, style: 'bold' },
      `per ${per}`,
      type,
      cel,
    ]);
    lines.push('    compute', ...indent(alignColumns(rows, paint), 6));
  }
  for (const perOf of ['object', 'request']) {
    const called = calls.filter(({ per }) => per === perOf);
    if (called.length === 0) continue;
    lines.push('    call Python, one message', ...indent(alignColumns(called.map(callRow), paint), 6));
  }
  for (const round of rounds) {
    const rows = reads.filter(({ view }) => round.views.includes(view)).flatMap(readRows);
    lines.push(`    ${roundTitle(round)}`, ...indent(alignColumns(rows, paint), 6));
  }
  return lines;
}

function callRow({ name, per, type, function: called, args, ...policy }: CallDescription): Cell[] {
  const passed = Object.entries(args).map(([argument, text]) => `${argument}: ${text}`);
  const stand = policy.default === null ? '' : ` ${JSON.stringify(policy.default)}`;
  return [
    { text: name, style: 'bold' },
    `per ${per}`,
    type,
    called,
    passed.join(', '),
    policy.onError === 'default' && stand === '' ? '' : `on error ${policy.onError}${stand}`,
  ];
}

function featureRows({ features }: ModelDescription): Cell[][] {
  return features.map(({ name, from, type, per }, column) => [
    { text: String(column), style: 'dim' },
    name,
    `per ${per}`,
    type,
    from === name ? '' : `from ${from}`,
  ]);
}

function printOverrides(overrides: PlanDescription['overrides'], paint: Paint): string[] {
  if (overrides.length === 0) return [];
  const rows = overrides.map(({ name, per, type }): Cell[] => [name, `per ${per}`, type]);
  return ['', `${paint('bold', 'overrides')}: callers may send`, ...indent(alignColumns(rows, paint), 2)];
}

function printCaches({ views, bytes }: PlanDescription['caches'], paint: Paint): string[] {
  if (views.length === 0) return [];
  const rows = views.map((view): Cell[] => [view.view, formatBytes(view.bytes)]);
  return [
    '',
    `${paint('bold', 'caches')} of a process: at most ${formatBytes(bytes)}`,
    ...indent(alignColumns(rows, paint, new Set([1])), 2),
  ];
}

function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}
