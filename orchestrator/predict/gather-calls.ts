import { AppError } from '../../foundation/errors.ts';
import { newBytes } from '../../foundation/slab.ts';
import type { GatherOptions, GatherReport } from '../features/gather-view.ts';
import { overlay } from '../features/overridden-cells.ts';
import { callFunctions, missingState, type FailedCall } from '../on-demand/call-functions.ts';
import type { Functions } from '../on-demand/functions.ts';
import { STATUSES, type StatusName } from '../plan/column.ts';
import { STATE_UNNEEDED, type Frame } from '../plan/frame.ts';
import type { CallStep } from '../plan/plan.ts';

/** The functions that a model calls, and who is told of those that failed. */
export interface CallSurroundings {
  functions: Functions;
  /** For the log and the metrics; the request goes on by the feature's policy. */
  onFailure: (feature: string, status: StatusName, cause: unknown) => void;
}

/** A feature that a function makes, with its values so far by state byte; named as those of views are, among which it is told. */
interface CalledFeature {
  view: string;
  counts: Float64Array;
}

/** Calls the functions of one level. */
export interface CallGatherer {
  features: readonly CalledFeature[];
  /** No promise where the caller has sent all that they would make. Rejects where a failed one is to fail the call. */
  gather(frame: Frame, options: GatherOptions, report: GatherReport): void | Promise<void>;
}

export function openCallGatherer(steps: readonly CallStep[], { functions, onFailure }: CallSurroundings): CallGatherer {
  const features = steps.map(({ name }): CalledFeature => ({ view: name, counts: new Float64Array(64) }));

  const countAll = (frame: Frame): void => {
    for (const [at, { slot }] of steps.entries()) count(features[at].counts, slot, frame);
  };

  const callAll = async (
    wanted: readonly CallStep[],
    frame: Frame,
    options: GatherOptions,
    report: GatherReport,
  ): Promise<void> => {
    const failed = await callFunctions(wanted, functions, frame, options);
    for (const step of wanted) layOver(step, frame);
    countAll(frame);
    // A caller that has gone is no failure of a function.
    if (options.signal.aborted) return;
    for (const { step, status, cause } of failed) {
      onFailure(step.name, STATUSES[status], cause);
      report.views.push({ view: step.name, worst: toldStates(step, missingState(step, status), frame) });
    }
    const fatal = failed.find(({ step }) => step.onError === 'fail');
    if (fatal) throw unavailable(fatal);
  };
  return {
    features,
    gather(frame, options, report) {
      const wanted = frame.overrides === undefined ? steps : steps.filter((step) => !laySent(step, frame));
      if (wanted.length === 0) return countAll(frame);
      return callAll(wanted, frame, options, report);
    },
  };
}

/** What a caller does without was never made, and is nothing that the function failed to give. */
function count(counts: Float64Array, slot: number, frame: Frame): void {
  if (frame.overrides?.[slot]?.isDropped) return;
  for (const state of frame.states[slot]) counts[state]++;
  counts[STATE_UNNEEDED] = 0;
}

/** Every instance is told of, but for those that sent the feature. */
function toldStates({ slot, perInstance }: CallStep, missing: number, frame: Frame): Uint8Array {
  const states = frame.states[slot];
  return newBytes(frame.rows).map((_, row) => (states[perInstance ? row : 0] === missing ? missing : 0));
}

/** True where the caller sent the feature for every row, or sent what it is for: it is not made. */
function laySent({ slot }: CallStep, frame: Frame): boolean {
  const sent = frame.overrides?.[slot];
  if (sent === undefined || sent.states.includes(0)) return false;
  frame.values[slot] = sent.values;
  frame.states[slot] = sent.states;
  return true;
}

function layOver({ slot }: CallStep, frame: Frame): void {
  const sent = frame.overrides?.[slot];
  if (sent !== undefined) overlay(sent, slot, sent.states.length, frame);
}

/** It fails for every instance alike. */
function unavailable({ step: { name }, status }: FailedCall): AppError {
  const problem = `its function is ${STATUSES[status]} and \`onError\` says to fail`;
  return new AppError('FEATURE_UNAVAILABLE', `The feature "${name}" is not available (${STATUSES[status]}).`, {
    details: [{ field: name, problem }],
  });
}
