import { formatDuration } from '../foundation/duration.ts';
import type { CheckedConfig } from './checked.ts';
import { type Needs, rootOf } from './needs.ts';
import type { Report } from './report.ts';
import type { Config, ModelConfig, ServiceConfig } from './schema.ts';

/** How long gathering features and the model itself may take, in ms: as declared, else 2/3 and 1/3 of the deadline. */
export function stageBudgets({ deadline, budget }: ModelConfig): { featuresMs: number; modelMs: number } {
  const share = budget.model === undefined ? (deadline * 2) / 3 : deadline - budget.model;
  const featuresMs = budget.features ?? share;
  return { featuresMs, modelMs: budget.model ?? deadline - featuresMs };
}

/** How long a read of a service may take at most, its retries counted; waits between them are not. */
export function longestReadMs({ timeout, retries }: ServiceConfig): number {
  return timeout * (retries + 1);
}

/** Checks that what stages and services may take fits into the deadline of each model. */
export function checkBudgets(config: Config, needs: Needs, features: CheckedConfig['features'], report: Report): void {
  const longest = longestWaits(config, needs);
  for (const [name, model] of Object.entries(config.models)) {
    const sum = (model.budget.features ?? 0) + (model.budget.model ?? 0);
    if (sum > model.deadline) {
      const text = `the stages of \`${name}\` may take ${formatDuration(sum)} together, and its deadline is ${formatDuration(model.deadline)}`;
      report.atKey(['models', name, 'budget'], 'BUDGET', text);
      continue;
    }
    const { featuresMs } = stageBudgets(model);
    const waits = (features.get(name) ?? []).map(({ from }) => longest.get(rootOf(from)) ?? NONE);
    const slowest = waits.toSorted((a, b) => b.ms - a.ms)[0];
    if (!slowest || slowest.ms <= featuresMs) continue;
    const [first = ''] = slowest.services;
    const way = slowest.services.map((service) => `\`${service}\``).join(' and then ');
    const text = `${way} may take ${formatDuration(slowest.ms)} with retries, and the features of \`${name}\` have ${formatDuration(Math.round(featuresMs))}`;
    report.warn(['services', first, 'timeout'], 'TIMEOUT_BUDGET', text);
  }
}

interface Wait {
  ms: number;
  /** The services on the way that takes so long, in their order. */
  services: readonly string[];
}

const NONE: Wait = { ms: 0, services: [] };

/** For each view and on-demand feature, the longest that the services on its way may take one after the other. */
function longestWaits(config: Config, { inOrder, readsOf }: Needs): ReadonlyMap<string, Wait> {
  const waits = new Map<string, Wait>();
  for (const name of inOrder) {
    const before = readsOf(name)
      .map((read) => waits.get(rootOf(read)) ?? NONE)
      .reduce((a, b) => (b.ms > a.ms ? b : a), NONE);
    const service = Object.hasOwn(config.views, name) ? config.views[name]?.service : undefined;
    const declared =
      service !== undefined && Object.hasOwn(config.services, service) ? config.services[service] : undefined;
    const own = service === undefined || !declared ? undefined : { service, ms: longestReadMs(declared) };
    waits.set(name, own ? { ms: before.ms + own.ms, services: [...before.services, own.service] } : before);
  }
  return waits;
}
