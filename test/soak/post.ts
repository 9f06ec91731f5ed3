import { request, type Agent } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Reply {
  /** 0 where the connection broke. */
  status: number;
  body: string;
}

/** Sends a JSON body. A connection that breaks is a reply, too: one that is judged wrong. */
export async function post(url: string, body: string, agent: Agent): Promise<Reply> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  try {
    return await new Promise((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  } catch (error) {
    return { status: 0, body: `no answer: ${(error as Error).message}` };
  }
}
