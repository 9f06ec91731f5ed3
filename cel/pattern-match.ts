import { PatternError } from './pattern-parse.ts';
import type { Pattern } from './pattern-parse.ts';

/** One step of the machine: read a code point of a set, go on at two places, assert a place, or be done. */
type Step =
  | { does: 'read'; ranges: readonly (readonly [number, number])[] }
  | { does: 'split'; to: number; or: number }
  | { does: 'assert'; place: 'start' | 'end' | 'boundary' | 'inside' }
  | { does: 'match' };

const MAX_STEPS = 2000;

/**
 * The matcher of a pattern: all threads of its automaton advance together over the text (K. Thompson, 1968; R. Cox,
 * "Regular Expression Matching Can Be Simple And Fast"), so that time is at most text length × pattern size.
 */
export function openMatcher(pattern: Pattern): (text: string) => boolean {
  const steps: Step[] = [];
  emit(pattern, steps);
  steps.push({ does: 'match' });
  // One machine a pattern, used by one evaluation at a time: threads and marks are kept between texts.
  let threads = new Int32Array(steps.length);
  let following = new Int32Array(steps.length);
  const seenAt = new Float64Array(steps.length);
  const waiting: number[] = [];
  let moment = 0;

  /** Adds what can be reached from `start` without reading; the number of threads, or -1 on a match. */
  function add(start: number, list: Int32Array, count: number, before: number, after: number): number {
    waiting.push(start);
    while (waiting.length > 0) {
      const at = waiting.pop()!;
      if (seenAt[at] === moment) continue;
      seenAt[at] = moment;
      const step = steps[at];
      if (step.does === 'match') {
        waiting.length = 0;
        return -1;
      }
      if (step.does === 'read') list[count++] = at;
      else if (step.does === 'split') waiting.push(step.or, step.to);
      else if (holds(step.place, before, after)) waiting.push(at + 1);
    }
    return count;
  }

  return (text) => {
    let count = 0;
    let before = -1;
    let at = 0;
    moment++;
    for (;;) {
      const code = text.codePointAt(at) ?? -1;
      // A match may begin anywhere: a new thread at each place, after the older ones.
      count = add(0, threads, count, before, code);
      if (count === -1) return true;
      if (code === -1) return false;
      at += code > 0xffff ? 2 : 1;
      const after = text.codePointAt(at) ?? -1;
      moment++;
      let next = 0;
      for (let thread = 0; thread < count; thread++) {
        const step = steps[threads[thread]] as Extract<Step, { does: 'read' }>;
        if (!includes(step.ranges, code)) continue;
        next = add(threads[thread] + 1, following, next, code, after);
        if (next === -1) return true;
      }
      [threads, following] = [following, threads];
      count = next;
      before = code;
    }
  };
}

function includes(ranges: readonly (readonly [number, number])[], code: number): boolean {
  for (const range of ranges) if (code >= range[0] && code <= range[1]) return true;
  return false;
}

const isWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);

function holds(place: 'start' | 'end' | 'boundary' | 'inside', before: number, after: number): boolean {
  if (place === 'start') return before === -1;
  if (place === 'end') return after === -1;
  return (isWord(before) !== isWord(after)) === (place === 'boundary');
}

function emit(pattern: Pattern, steps: Step[]): void {
  if (steps.length > MAX_STEPS)
    throw new PatternError(`is larger than ${MAX_STEPS} steps when its counts are written out`);
  if (pattern.kind === 'set') steps.push({ does: 'read', ranges: pattern.ranges });
  else if (pattern.kind === 'assert') steps.push({ does: 'assert', place: pattern.place });
  else if (pattern.kind === 'all') for (const part of pattern.parts) emit(part, steps);
  else if (pattern.kind === 'either') emitEither(pattern.parts, steps);
  else emitRepeat(pattern, steps);
}

/** Forward to the next place, so that every branch ends where the last one does. */
function emitEither(parts: readonly Pattern[], steps: Step[]): void {
  const ends: Extract<Step, { does: 'split' }>[] = [];
  parts.forEach((part, index) => {
    if (index === parts.length - 1) return emit(part, steps);
    const split: Step = { does: 'split', to: steps.length + 1, or: 0 };
    steps.push(split);
    emit(part, steps);
    const end: Step = { does: 'split', to: 0, or: 0 };
    steps.push(end);
    ends.push(end);
    split.or = steps.length;
  });
  for (const end of ends) end.to = end.or = steps.length;
}

function emitRepeat({ part, least, most }: Extract<Pattern, { kind: 'repeat' }>, steps: Step[]): void {
  for (let times = 0; times < least; times++) {
    const before = steps.length;
    emit(part, steps);
    // A group that reads nothing is the same once as a thousand times, and nested it would be a thousand to the power.
    if (steps.length === before) break;
  }
  if (most === Infinity) {
    const split: Step = { does: 'split', to: steps.length + 1, or: 0 };
    steps.push(split);
    const begin = steps.length - 1;
    emit(part, steps);
    steps.push({ does: 'split', to: begin, or: begin });
    split.or = steps.length;
    return;
  }
  const skips: Extract<Step, { does: 'split' }>[] = [];
  for (let times = least; times < most; times++) {
    const skip: Step = { does: 'split', to: steps.length + 1, or: 0 };
    steps.push(skip);
    skips.push(skip);
    emit(part, steps);
  }
  for (const skip of skips) skip.or = steps.length;
}
