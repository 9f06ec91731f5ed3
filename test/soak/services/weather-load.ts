import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reference } from '../../reference/expected.ts';
import type { Board } from '../../reference/flights.ts';
import {
  expectWeather,
  judgeWeather,
  type ExpectedWeather,
  type WeatherVerdict,
} from '../../reference/judge-weather.ts';
import { post, type Reply } from '../post.ts';

const BOARDS = new URL('../../../examples/flights/boards.jsonl', import.meta.url);

/** A board as it is sent, and what its answer may be. */
export interface WeatherCase {
  body: string;
  expected: ExpectedWeather;
}

/** One answer, judged after the load: comparing takes time that the clients would measure. Moments are `performance.now()`. */
export interface Arrived {
  case: WeatherCase;
  /** When it was to be sent, whenever it was: what waits behind others has waited all the same. */
  intendedMs: number;
  arrivedMs: number;
  reply: Reply;
}

/** The 200 boards of the example. */
export async function weatherCases(reference: Reference): Promise<WeatherCase[]> {
  const lines = (await readFile(BOARDS, 'utf8')).trimEnd().split('\n');
  const cases: WeatherCase[] = [];
  for (const body of lines) cases.push({ body, expected: await expectWeather(reference, JSON.parse(body) as Board) });
  return cases;
}

export function judgeArrived({ reply, case: { expected } }: Arrived): WeatherVerdict {
  return judgeWeather(reply.status, reply.body, expected);
}

/** Boards in turn, so that each is asked for as often as any other. */
export function* inTurn(cases: readonly WeatherCase[]): Generator<WeatherCase, never> {
  for (;;) yield* cases;
}

/** Closed loop: each client sends its next board when it has its answer, until `cases` or the time ends. */
export async function askInLoop(
  url: string,
  clients: number,
  cases: Iterator<WeatherCase>,
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
  cases: Iterator<WeatherCase>,
  signal: AbortSignal,
): Promise<Arrived[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const arrived: Arrived[] = [];
  const pending: Promise<void>[] = [];
  const send = async (value: WeatherCase, intendedMs: number): Promise<void> => {
    const reply = await post(url, value.body, agent);
    arrived.push({ case: value, intendedMs, arrivedMs: performance.now(), reply });
  };
  const startedMs = performance.now();
  for (let sent = 0; !signal.aborted; await delay(1)) {
    for (; ; sent++) {
      const intendedMs = startedMs + (sent * 1000) / perSecond;
      if (intendedMs > performance.now()) break;
      pending.push(send(cases.next().value as WeatherCase, intendedMs));
    }
  }
  await Promise.all(pending);
  agent.destroy();
  return arrived;
}
