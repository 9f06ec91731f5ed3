import type { IncomingMessage } from 'node:http';
import { AppError, callerGone } from '../../../foundation/errors.ts';

/** The body as text. Rejects with PAYLOAD_TOO_LARGE beyond `limit` bytes, CANCELLED where the caller goes amid it. */
export function readBody(request: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): void =>
      reject(new AppError('PAYLOAD_TOO_LARGE', 'The body is larger than limits.bodyBytes allows.'));
    if (Number(request.headers['content-length']) > limit) {
      tooLarge();
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      // What is beyond the limit is read and dropped until the reply has closed the connection.
      if (bytes <= limit) chunks.push(chunk);
      else tooLarge();
    });
    request.once('end', () => resolve((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString()));
    request.once('error', (cause) => reject(callerGone(cause)));
  });
}
