import { Connection, requestBytes } from './client.ts';

/**
 * The loop sleeps at most so long between two looks at the clock and the sockets: timers of Node tick in milliseconds,
 * and a loop that never sleeps would take one of the two cores from the server. What it adds to a latency is half of it
 * on average, on either end.
 */
const LONGEST_SLEEP_MS = 0.2;
/** Where as many requests wait for their answers, the next is sent when one has come; its latency counts all the same. */
const MOST_CONNECTIONS = 256;
/** Servers close a connection that nothing is sent on for five seconds, as Node's do. */
const LONGEST_IDLE_MS = 2000;
const FALLBACK = Buffer.from('"fallback":');

export interface ScheduleOptions {
  url: string;
  bodies: readonly string[];
  /** Index of the body that is sent first. */
  firstBody: number;
  requestsPerSecond: number;
  seconds: number;
  /** Latencies of the first seconds are not kept. */
  warmUpSeconds: number;
}

export interface ScheduleResult {
  /** From the moment at which each request was to be sent until its answer was whole, in ms, ascending. */
  latenciesMs: Float64Array;
  /** How late requests were sent: what the generator itself adds while the server keeps up, in ms, ascending. */
  latenessMs: Float64Array;
  /** Answers that the model did not give: fallbacks and refusals (429, 503, …). */
  without: number;
}

/**
 * Open loop: requests are sent at a constant rate, whether answers come or not, on as many connections as that takes;
 * a latency counts from the intended moment, so that a pause of the server (or of this generator) is in every request
 * that was to be sent meanwhile. That is what "corrected for coordinated omission" means.
 */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const { requestsPerSecond, seconds, warmUpSeconds, firstBody } = options;
  const url = new URL(options.url);
  const requests = options.bodies.map((body) => requestBytes(url, body));
  const total = Math.floor((seconds + warmUpSeconds) * requestsPerSecond);
  const skipped = Math.floor(warmUpSeconds * requestsPerSecond);
  const latenciesMs = new Float64Array(total);
  const latenessMs = new Float64Array(total);
  const idle: Connection[] = [];
  const open = new Set<Connection>();
  const numberOf = new Map<Connection, number>();
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let sent = 0;
  let answered = 0;
  let without = 0;
  let hasEnded = false;
  const end = (error?: Error): void => {
    hasEnded = true;
    for (const connection of open) connection.close();
    if (error) reject(error);
    else resolve();
  };

  const startMs = performance.now() + 100;
  const intendedMs = (request: number): number => startMs + (request / requestsPerSecond) * 1000;
  const onAnswer = (connection: Connection, status: number, body: Buffer): void => {
    const request = numberOf.get(connection)!;
    latenciesMs[request] = performance.now() - intendedMs(request);
    if (request >= skipped && (status !== 200 || body.includes(FALLBACK))) without++;
    idle.push(connection);
    if (++answered === total) end();
  };
  /** The one used last is used next, so that those which are not needed any more lie at the beginning. */
  const dropIdle = (nowMs: number): void => {
    for (let first = idle[0]; first && nowMs - first.idleSinceMs > LONGEST_IDLE_MS; first = idle[0]) {
      idle.shift();
      open.delete(first);
      first.close();
    }
  };
  const take = (): Connection | undefined => {
    const free = idle.pop();
    if (free || open.size === MOST_CONNECTIONS) return free;
    const connection = new Connection(url, onAnswer, end);
    open.add(connection);
    return connection;
  };
  const turn = (): void => {
    if (hasEnded) return;
    const nowMs = performance.now();
    dropIdle(nowMs);
    for (; sent < total && intendedMs(sent) <= nowMs; sent++) {
      const connection = take();
      if (connection === undefined) break;
      numberOf.set(connection, sent);
      latenessMs[sent] = nowMs - intendedMs(sent);
      connection.send(requests[(firstBody + sent) % requests.length]);
    }
    const untilNextMs = sent < total ? intendedMs(sent) - performance.now() : LONGEST_SLEEP_MS;
    if (untilNextMs > 0) Atomics.wait(cell, 0, 0, Math.min(untilNextMs, LONGEST_SLEEP_MS));
    setImmediate(turn);
  };
  turn();
  await promise;
  return {
    latenciesMs: latenciesMs.subarray(skipped).toSorted(),
    latenessMs: latenessMs.subarray(skipped).toSorted(),
    without,
  };
}

/** The value below which a share of the ascending values lies. */
export const quantile = (ascending: Float64Array, share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.ceil(share * ascending.length) - 1)];
