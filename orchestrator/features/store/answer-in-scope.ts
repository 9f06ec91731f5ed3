import type { AppError } from '../../../foundation/errors.ts';
import type { FetchScope } from '../fetch-scope.ts';

/** Who has asked a server, and what the ends of that are to who waits. */
export interface Asking {
  /** The scope has said stop before there was an answer. */
  stopped(scope: FetchScope): AppError;
  /** The server refused, or is gone. */
  failed(cause: unknown): AppError;
  /** There is an answer or a failure, whether anybody still waits for it or not. */
  landed(): void;
}

/** What a server answers, for as long as the scope waits. What comes later is nobody's, and lands all the same. */
export function answerInScope<Reply>(asked: Promise<Reply>, scope: FetchScope, asking: Asking): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const onStop = (): void => reject(asking.stopped(scope));
    scope.stop.addEventListener('abort', onStop);
    const landed = (end: () => void): void => {
      scope.stop.removeEventListener('abort', onStop);
      asking.landed();
      end();
    };
    asked.then(
      (reply) => landed(() => resolve(reply)),
      (cause: unknown) => landed(() => reject(asking.failed(cause))),
    );
  });
}
