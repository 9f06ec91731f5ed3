import { Pool } from 'undici';
import type { ServiceConfig } from '../../../config/schema.ts';
import { AppError } from '../../../foundation/errors.ts';
import { DurationSeries } from '../../../foundation/telemetry/duration-histogram.ts';
import { openBreaker, type BreakerState } from '../breaker.ts';
import type { FeatureSource } from '../source.ts';
import { batchSource } from './batch-source.ts';
import { ACCEPTED_ENCODINGS } from './body.ts';
import { newCounters, type ServiceCounters } from './counters.ts';
import { eachKeyOnce } from './each-key-once.ts';
import { getSource, type SourceSurroundings } from './get-source.ts';
import { failed, judgeAnswer } from './outcome.ts';
import { ServiceCalls } from './service-calls.ts';
import type { ServiceView } from './service-view.ts';

/**
 * How long a connection may take to be made. A try gives way earlier, at its `timeout`; the connection is made
 * nevertheless, for the next one, or a handshake longer than `timeout` would never end.
 */
const CONNECT_MS = 1000;

/** Headers that say what and where a call is: ours, or HTTP's. */
const RESERVED_HEADERS =
  /^(?:host|content-length|content-type|accept-encoding|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|traceparent|x-request-timeout-ms)$/i;

export interface ServiceSurroundings {
  /** The headers of every call, secrets read. */
  headers: Readonly<Record<string, string>>;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** The time of day, `Date.now()`: when rows were fetched, and what dates in headers are against. */
  epochMs: () => number;
  random: () => number;
  /** Where times on the wire are counted. Default: a series of its own. */
  durations?: DurationSeries;
  /** PEM certificates to trust in place of the system's, for services with a private authority. */
  authority?: string;
}

/** An open service: the connections, the breaker and the counts that all views of one `services:` entry share. */
export interface Service {
  source(view: ServiceView): FeatureSource;
  readonly counters: Readonly<ServiceCounters>;
  readonly breaker: BreakerState;
  /** Breaks off what is on the wire; later fetches fail. */
  close(): Promise<void>;
}

/**
 * Opens a service without calling it. Its origin is pinned: the pool below knows no other scheme, host or port, follows
 * no redirect and asks no proxy. HTTP/1.1 with connections kept alive, HTTP/2 where TLS offers it. Throws AppError where
 * a header is none or one of those that calls set themselves.
 */
export function openService(name: string, config: ServiceConfig, surroundings: ServiceSurroundings): Service {
  const { now, epochMs, random, authority } = surroundings;
  const counters = newCounters(surroundings.durations ?? new DurationSeries({ service: name }));
  const breaker = openBreaker({
    now,
    onOpen: () => counters.breakerOpens++,
    judge: judgeAnswer,
    turnedAway: () => failed('open'),
  });
  const pool = new Pool(new URL(config.url).origin, {
    connections: config.maxConcurrency,
    pipelining: 1,
    allowH2: true,
    h2Options: { maxConcurrentStreams: config.maxConcurrency },
    connect: { timeout: CONNECT_MS, ...(authority === undefined ? {} : { ca: authority }) },
    // Each try has a timer of its own, to the millisecond; undici's tick twice a second.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const headers = {
    ...checkedHeaders(name, surroundings.headers),
    accept: 'application/json',
    'accept-encoding': ACCEPTED_ENCODINGS,
  };
  const limits = { timeoutMs: config.timeout, retries: config.retries, maxConcurrency: config.maxConcurrency };
  const calls = new ServiceCalls(limits, { pool, breaker, counters, headers, now, random });
  const around: SourceSurroundings = { service: name, calls, counters, now, epochMs };
  return {
    counters,
    get breaker() {
      return breaker.state;
    },
    source(view) {
      const { get, batch } = view;
      if (batch !== undefined) return eachKeyOnce(batchSource(view, batch, around));
      if (get !== undefined) return eachKeyOnce(getSource(view, get, around));
      throw new AppError('INTERNAL', `A view of the service "${name}" says neither "get" nor "batch".`);
    },
    close: () => pool.destroy(),
  };
}

function checkedHeaders(service: string, headers: Readonly<Record<string, string>>): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    const problem = RESERVED_HEADERS.test(header)
      ? 'is set by each call itself'
      : !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(header)
        ? 'has a name that HTTP does not allow'
        : !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)
          ? 'has a value that HTTP does not allow'
          : undefined;
    if (problem) throw new AppError('INTERNAL', `The header "${header}" of the service "${service}" ${problem}.`);
    checked[header.toLowerCase()] = value;
  }
  return checked;
}
