import { Agent } from 'node:http';
import { performance } from 'node:perf_hooks';
import { judge, type Verdict } from '../reference/judge.ts';
import type { Case } from './cases.ts';
import { post } from './post.ts';

/** One answered request; moments are `performance.now()` ms. */
export interface Answered {
  case: Case;
  sentMs: number;
  /** When the whole body had arrived. */
  arrivedMs: number;
  verdict: Verdict;
}

/**
 * Sends `draw` one after the other over each of `clients` keep-alive connections until it ends or `signal` is aborted,
 * and judges every answer. A connection that breaks is a wrong answer, too.
 */
export async function runClients(
  url: string,
  clients: number,
  draw: Iterator<Case>,
  onAnswer: (answered: Answered) => void,
  signal?: AbortSignal,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const take = (): Case | undefined => {
    const next = signal?.aborted === true ? undefined : draw.next();
    return next?.done === true ? undefined : next?.value;
  };
  const client = async (): Promise<void> => {
    for (let next = take(); next !== undefined; next = take()) {
      const sentMs = performance.now();
      const { status, body } = await post(url, next.body, agent);
      const arrivedMs = performance.now();
      onAnswer({ case: next, sentMs, arrivedMs, verdict: judge(status, body, next.expected) });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
}
