import { Agent } from 'node:http';
import { post } from '../post.ts';
import type { Random } from '../random.ts';
import { judge, questionOf, type Verdict } from './questions.ts';

/** One answered request; moments are `performance.now()` ms. */
export interface Answered {
  client: number;
  sentMs: number;
  arrivedMs: number;
  verdict: Verdict;
}

/** Clients that ask one after the other, each over its own connection, until they are stopped. */
export class Clients {
  readonly count: number;
  readonly answered: Answered[] = [];
  /** The last answer of each. */
  readonly latest: Answered[] = [];
  readonly #agent: Agent;
  readonly #running: Promise<unknown>;
  #isStopped = false;

  constructor(url: string, count: number, random: Random) {
    this.count = count;
    this.#agent = new Agent({ keepAlive: true, maxSockets: count });
    this.#running = Promise.all(Array.from({ length: count }, (_, client) => this.#run(url, client, random)));
  }

  /** Resolves when all have their last answers. */
  async stop(): Promise<readonly Answered[]> {
    this.#isStopped = true;
    await this.#running;
    this.#agent.destroy();
    return this.answered;
  }

  async #run(url: string, client: number, random: Random): Promise<void> {
    while (!this.#isStopped) {
      const question = questionOf(random);
      const sentMs = performance.now();
      const reply = await post(url, question.body, this.#agent);
      const answered = { client, sentMs, arrivedMs: performance.now(), verdict: judge(reply, question) };
      this.answered.push(answered);
      this.latest[client] = answered;
    }
  }
}

/** One request over a connection of its own. `harm` names what the predictor shall do instead of answering. */
export async function askOnce(url: string, random: Random, harm?: string): Promise<Answered> {
  const agent = new Agent();
  const question = questionOf(random, harm);
  const sentMs = performance.now();
  const reply = await post(url, question.body, agent);
  agent.destroy();
  return { client: -1, sentMs, arrivedMs: performance.now(), verdict: judge(reply, question) };
}
