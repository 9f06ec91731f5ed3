import { addHealthRoutes } from '../../../../orchestrator/fronts/http/health-routes.ts';
import { HttpServer, type Reply } from '../../../../orchestrator/fronts/http/server.ts';
import { addV1Routes, type ModelStatus } from '../../../../orchestrator/fronts/http/v1-routes.ts';
import type { Predict } from '../../../../orchestrator/predict/call.ts';

export interface Front extends AsyncDisposable {
  /** `host:port` */
  at: string;
  /** What was told of each request. */
  replies: Reply[];
}

/** An HTTP server on a free port with whatever routes `add` gives it. */
export async function serveRoutes(add: (server: HttpServer, replies: Reply[]) => void): Promise<Front> {
  const replies: Reply[] = [];
  const onReply = (reply: Reply): void => void replies.push(reply);
  const server = new HttpServer({ bodyBytes: 1024 ** 2, requestTimeoutMs: 10_000, onReply });
  add(server, replies);
  const at = await server.listen('127.0.0.1', 0);
  return { at, replies, [Symbol.asyncDispose]: () => server.close() };
}

export interface Served {
  predict: Predict;
  models?: ModelStatus[];
  notReady?: () => string | undefined;
}

/** The HTTP front over any `predict`. */
export function serveFront({ predict, models = [], notReady = () => undefined }: Served): Promise<Front> {
  return serveRoutes((server, replies) => {
    addHealthRoutes(server, notReady);
    addV1Routes(server, { predict, models: () => models, onReply: (reply) => void replies.push(reply) });
  });
}
