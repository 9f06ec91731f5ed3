import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** One request and the reply that is being made to it. */
export class Exchange {
  readonly request: IncomingMessage;
  /** The caller's `X-Request-Id`, or one of ours. */
  readonly id: string;
  /** When the request's head had arrived, `performance.now()` scale. */
  readonly startedMs: number;
  /** The route's own text, never the URL; empty where there is no such route. */
  route = '';
  /** The model that the path names: as the caller wrote it, perhaps the name of none. */
  model = '';
  /** The view that the path names, as `model`. */
  view = '';
  body = '';
  /** Headers of the reply beside its type and length. */
  readonly headers: OutgoingHttpHeaders;
  contentType = 'application/json; charset=utf-8';

  constructor(request: IncomingMessage, id: string, startedMs: number) {
    this.request = request;
    this.id = id;
    this.startedMs = startedMs;
    this.headers = { 'x-request-id': id };
  }
}
