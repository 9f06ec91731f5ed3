import {
  openViewGatherer,
  type GatherOptions,
  type GatherReport,
  type Surroundings,
  type ViewGatherer,
} from '../features/gather-view.ts';
import { overlay } from '../features/overridden-cells.ts';
import type { FeatureSource } from '../features/source.ts';
import { compute } from '../on-demand/compute.ts';
import type { Frame, OverrideColumn } from '../plan/frame.ts';
import type { ComputeStep, ModelPlan } from '../plan/plan.ts';
import { openCallGatherer, type CallGatherer, type CallSurroundings } from './gather-calls.ts';

/** Fills what one model needs of a frame, level by level: computes, then every call and fetch of the level at once. */
export interface Gather {
  /** Settles at once where every source has its rows at hand, else by promise. Throws what fails the whole call. */
  run(frame: Frame, options: GatherOptions, report: GatherReport): void | Promise<void>;
  views: readonly ViewGatherer[];
  calls: readonly CallGatherer[];
}

/** One level of a model: what is computed, then what is waited for. */
interface Level {
  computes: readonly ComputeStep[];
  awaited: readonly (CallGatherer | ViewGatherer)[];
}

export function compileGather(
  model: ModelPlan,
  sourceOf: (view: string) => FeatureSource,
  surroundings: Surroundings,
  calling?: CallSurroundings,
): Gather {
  const views: ViewGatherer[] = [];
  const calls: CallGatherer[] = [];
  const levels = model.levels.map((level): Level => {
    const called = calling && level.calls.length > 0 ? [openCallGatherer(level.calls, calling)] : [];
    const read = level.fetches.map((step) => openViewGatherer(step, sourceOf(step.view.name), surroundings));
    calls.push(...called);
    views.push(...read);
    return { computes: level.computes, awaited: [...called, ...read] };
  });

  const runFrom = (first: number, frame: Frame, options: GatherOptions, report: GatherReport): void | Promise<void> => {
    for (let at = first; at < levels.length; at++) {
      const pending = runLevel(levels[at], frame, options, report);
      if (pending) return pending.then(() => runFrom(at + 1, frame, options, report));
    }
  };
  return {
    run: (frame, options, report) => runFrom(0, frame, options, report),
    views,
    calls,
  };
}

function runLevel(
  level: Level,
  frame: Frame,
  options: GatherOptions,
  report: GatherReport,
): Promise<unknown> | undefined {
  if (frame.overrides === undefined) for (const step of level.computes) compute(step, frame);
  else for (const step of level.computes) computeUnlessSent(step, frame, frame.overrides[step.slot]);
  let pending: Promise<void>[] | undefined;
  for (const each of level.awaited) {
    const gathered = each.gather(frame, options, report);
    if (gathered) (pending ??= []).push(gathered);
  }
  return pending && Promise.all(pending);
}

function computeUnlessSent(step: ComputeStep, frame: Frame, sent: OverrideColumn | undefined): void {
  const { slot } = step;
  if (sent !== undefined && !sent.states.includes(0)) {
    frame.values[slot] = sent.values;
    frame.states[slot] = sent.states;
    return;
  }
  compute(step, frame);
  if (sent !== undefined) overlay(sent, slot, sent.states.length, frame);
}
