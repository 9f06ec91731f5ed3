import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { judgeTold, type ToldVerdict } from '../../reference/judge-told.ts';
import { post, type Reply } from '../post.ts';
import type { ToldCase } from './told-cases.ts';

/** One answer, judged after the load: comparing takes time that the clients would measure. Moments are `performance.now()`. */
export interface Arrived {
  case: ToldCase;
  /** When it was to be sent, whenever it was: what waits behind others has waited all the same. */
  intendedMs: number;
  arrivedMs: number;
  reply: Reply;
}

export type Judged = Pick<Arrived, 'intendedMs' | 'arrivedMs'> & { verdict: ToldVerdict };

/** What became of each, in the order in which they were to be sent. */
export async function judgeArrived(arrived: readonly Arrived[]): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const { intendedMs, arrivedMs, reply, case: asked } of arrived) {
    const verdict = await judgeTold(reply.status, reply.body, asked.expected);
    judged.push({ intendedMs, arrivedMs, verdict });
  }
  return judged.sort((one, other) => one.intendedMs - other.intendedMs);
}

/** `612 fresh, 20 stale, 3 fallback DEADLINE_EXCEEDED, 0 wrong` */
export function describe(judged: readonly Judged[]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of judged) {
    const name = 'code' in verdict ? `${verdict.kind} ${verdict.code}` : verdict.kind;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const wrong = counts.get('wrong') ?? 0;
  counts.delete('wrong');
  return [...[...counts].map(([name, count]) => `${count} ${name}`), `${wrong} wrong`].join(', ');
}

/** Closed loop: each client sends its next board when it has its answer, until `cases` or the time ends. */
export async function askInLoop(
  url: string,
  clients: number,
  cases: Iterator<ToldCase>,
  forMs = Infinity,
): Promise<Arrived[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const arrived: Arrived[] = [];
  const untilMs = performance.now() + forMs;
  const client = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const { value, done } = cases.next();
      if (done === true) return;
      const intendedMs = performance.now();
      const reply = await post(url, value.body, agent);
      arrived.push({ case: value, intendedMs, arrivedMs: performance.now(), reply });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return arrived;
}

/** Open loop: so many a second, however long the answers take, until `signal` is aborted; resolves with the last answer. */
export async function askAtRate(
  url: string,
  perSecond: number,
  cases: Iterator<ToldCase>,
  signal: AbortSignal,
): Promise<Arrived[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const arrived: Arrived[] = [];
  const pending: Promise<void>[] = [];
  const send = async (value: ToldCase, intendedMs: number): Promise<void> => {
    const reply = await post(url, value.body, agent);
    arrived.push({ case: value, intendedMs, arrivedMs: performance.now(), reply });
  };
  const startedMs = performance.now();
  for (let sent = 0; !signal.aborted; await delay(1)) {
    for (; ; sent++) {
      const intendedMs = startedMs + (sent * 1000) / perSecond;
      if (intendedMs > performance.now()) break;
      pending.push(send(cases.next().value as ToldCase, intendedMs));
    }
  }
  await Promise.all(pending);
  agent.destroy();
  return arrived;
}
