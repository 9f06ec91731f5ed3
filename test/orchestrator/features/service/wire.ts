import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ScalarType } from '../../../../cel/types.ts';
import type { ServiceConfig } from '../../../../config/schema.ts';
import { AppError } from '../../../../foundation/errors.ts';
import type { FetchOptions, FieldSpec } from '../../../../orchestrator/features/source.ts';
import { openService, type Service } from '../../../../orchestrator/features/service/open-service.ts';
import type { ServiceSurroundings } from '../../../../orchestrator/features/service/open-service.ts';
import type { ServiceView } from '../../../../orchestrator/features/service/service-view.ts';
import { sourceOf, SOURCES, STATUSES, statusOf, type Columns } from '../../../../orchestrator/plan/column.ts';

/** A request as the wire had it. */
export interface Seen {
  method: string;
  /** The request target, untouched. */
  target: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A real HTTP server that notes what reaches it. */
export class TestServer {
  readonly seen: Seen[] = [];
  readonly server: Server;
  answer: (seen: Seen, response: ServerResponse, request: IncomingMessage) => void;
  /** Resolved when a connection was broken off before its answer was out. */
  readonly broken: Promise<void>;

  private constructor(answer: TestServer['answer']) {
    this.answer = answer;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.broken = promise;
    const listener: RequestListener = (request, response) => {
      response.on('close', () => {
        if (!response.writableFinished) resolve();
      });
      void this.#receive(request, response);
    };
    this.server = createServer(listener);
  }

  static async open(answer: TestServer['answer']): Promise<TestServer> {
    const test = new TestServer(answer);
    test.server.listen(0, '127.0.0.1');
    await once(test.server, 'listening');
    return test;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const seen = { method: request.method!, target: request.url!, headers: request.headers, body };
    this.seen.push(seen);
    this.answer(seen, response, request);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

export async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch {
    return ''; // the caller gave up while it sent
  }
  return Buffer.concat(chunks).toString();
}

export const sendJson = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

export const key = (...parts: (string | [string, ScalarType])[]): ServiceView['key'] =>
  parts.map((each) => (typeof each === 'string' ? { part: each, type: 'string' } : { part: each[0], type: each[1] }));

export const getView = (get: string, parts: ServiceView['key'] = key('id')): ServiceView => ({
  key: parts,
  get,
  batch: undefined,
  at: {},
  timestamp: undefined,
});

export const batchView = (size = 100, parts: ServiceView['key'] = key('id')): ServiceView => ({
  key: parts,
  get: undefined,
  batch: {
    size,
    post: '/rows:lookup',
    body: { keys: '$keys' },
    items: '/items',
    match: Object.fromEntries(parts.map(({ part }) => [part, `/${part}`])),
  },
  at: {},
  timestamp: undefined,
});

export const X: FieldSpec[] = [{ name: 'x', type: 'double' }];

/** A service that tests open; times out late unless told otherwise, so that a busy machine fails none of them. */
export async function openTestService(
  url: string,
  config: Partial<ServiceConfig> = {},
  surroundings: Partial<ServiceSurroundings> = {},
): Promise<Service & AsyncDisposable> {
  const service = openService(
    'test',
    { url, headers: {}, timeout: 10_000, retries: 0, maxConcurrency: 64, ...config },
    { headers: {}, now: () => performance.now(), epochMs: () => Date.now(), random: () => 0.5, ...surroundings },
  );
  return Object.assign(service, { [Symbol.asyncDispose]: () => service.close() });
}

export const within = (ms: number, more: Partial<FetchOptions> = {}): FetchOptions => ({
  asOfMs: 0,
  deadlineMs: performance.now() + ms,
  signal: new AbortController().signal,
  ...more,
});

export const keysOf = (...text: string[]): { count: number; text: string[] } => ({ count: text.length, text });

/** The code that a fetch rejects with. */
export async function codeOf(fetching: Columns | Promise<Columns>): Promise<string> {
  try {
    await fetching;
    return 'answered';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

/** `STATUS source` of one field, row by row. */
export const told = (block: Columns, field = 0): string[] =>
  Array.from(block.states[field], (state) => `${STATUSES[statusOf(state)]} ${SOURCES[sourceOf(state)]}`);
