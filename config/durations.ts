import { formatDuration } from '../foundation/duration.ts';
import { nameOf, type Path } from './places.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';

/** The longest that a timer of Node takes (2^31 - 1 ms, 24.8 days), in whole days: a longer one would end at once. */
const LONGEST_TIMER_MS = 24 * 86_400_000;

/** Checks the durations that are timers, or that mean nothing where they are 0. Others may be 0: it is how one says `none`. */
export function checkDurations({ limits, server, services, views, models }: Config, report: Report): void {
  const positive = (path: Path, ms: number | undefined): void => {
    if (ms === 0) report.at(path, 'OUT_OF_RANGE', `${nameOf(path)} must be longer than 0ms`);
  };
  const timer = (path: Path, ms: number | undefined): void => {
    if (ms === undefined || ms <= LONGEST_TIMER_MS) return;
    const text = `${nameOf(path)} must be at most ${formatDuration(LONGEST_TIMER_MS)}, is ${formatDuration(ms)}`;
    report.at(path, 'OUT_OF_RANGE', text);
  };
  const wait = (path: Path, ms: number | undefined): void => {
    positive(path, ms);
    timer(path, ms);
  };
  wait(['limits', 'requestTimeout'], limits.requestTimeout);
  timer(['server', 'drain', 'delay'], server.drain.delay);
  timer(['server', 'drain', 'timeout'], server.drain.timeout);
  for (const [name, { timeout }] of Object.entries(services)) wait(['services', name, 'timeout'], timeout);
  for (const [name, { maxAge, cache }] of Object.entries(views)) {
    positive(['views', name, 'maxAge'], maxAge);
    positive(['views', name, 'cache', 'ttl'], cache?.ttl);
  }
  for (const [name, { deadline, budget, warmup, wrapper }] of Object.entries(models)) {
    const path = ['models', name];
    wait([...path, 'deadline'], deadline);
    wait([...path, 'budget', 'features'], budget.features);
    wait([...path, 'budget', 'model'], budget.model);
    wait([...path, 'warmup', 'timeout'], warmup?.timeout);
    wait([...path, 'wrapper', 'hangAfter'], wrapper.hangAfter);
    timer([...path, 'wrapper', 'batching', 'maxWait'], wrapper.batching?.maxWait);
  }
}
