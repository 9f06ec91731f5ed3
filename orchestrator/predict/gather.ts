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

/** Fills what one model needs of a frame, level by level: computes, then every fetch of the level at once. */
export interface Gather {
  /** Settles at once where every source has its rows at hand, else by promise. Throws what fails the whole call. */
  run(frame: Frame, options: GatherOptions, report: GatherReport): void | Promise<void>;
  views: readonly ViewGatherer[];
}

export function compileGather(
  model: ModelPlan,
  sourceOf: (view: string) => FeatureSource,
  surroundings: Surroundings,
): Gather {
  const levels = model.levels.map(({ computes, fetches }) => ({
    computes,
    views: fetches.map((step) => openViewGatherer(step, sourceOf(step.view.name), surroundings)),
  }));

  const runFrom = (first: number, frame: Frame, options: GatherOptions, report: GatherReport): void | Promise<void> => {
    for (let at = first; at < levels.length; at++) {
      const pending = runLevel(levels[at], frame, options, report);
      if (pending) return pending.then(() => runFrom(at + 1, frame, options, report));
    }
  };
  return {
    run: (frame, options, report) => runFrom(0, frame, options, report),
    views: levels.flatMap((level) => level.views),
  };
}

function runLevel(
  level: { computes: readonly ComputeStep[]; views: readonly ViewGatherer[] },
  frame: Frame,
  options: GatherOptions,
  report: GatherReport,
): Promise<unknown> | undefined {
  if (frame.overrides === undefined) for (const step of level.computes) compute(step, frame);
  else for (const step of level.computes) computeUnlessSent(step, frame, frame.overrides[step.slot]);
  let pending: Promise<void>[] | undefined;
  for (const view of level.views) {
    const gathered = view.gather(frame, options, report);
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
