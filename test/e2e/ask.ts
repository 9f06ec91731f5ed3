import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Asked {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  /** JSON of a value, or a text as it is. */
  body?: unknown;
  /** Destroys the connection when aborted, as a caller that leaves does. */
  signal?: AbortSignal;
}

export interface Told {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: Record<string, unknown>;
}

/** One request over a connection of its own; POST where there is a body. `at` is `host:port`. */
export async function ask(at: string, { method, path, headers, body, signal }: Asked): Promise<Told> {
  const sent = request(`http://${at}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: headers ?? {},
    agent: false,
    ...(signal === undefined ? {} : { signal }),
  });
  sent.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const all = await text(answer);
  const isJson = String(answer.headers['content-type']).startsWith('application/json');
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    text: all,
    json: isJson && all !== '' ? (JSON.parse(all) as Told['json']) : {},
  };
}

/** Bytes as they are over one connection, and what came back until the server closed it. */
export async function askBytes(at: string, bytes: string): Promise<Told> {
  const [host = '', port = ''] = at.split(':');
  const socket = connect(Number(port), host);
  socket.write(bytes);
  const all = await text(socket);
  const [head = '', body = ''] = all.split('\r\n\r\n');
  return {
    status: Number(head.split(' ', 2)[1]),
    headers: Object.fromEntries(
      head
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(': ', 2) as [string, string]),
    ),
    text: body,
    json: JSON.parse(body) as Told['json'],
  };
}
