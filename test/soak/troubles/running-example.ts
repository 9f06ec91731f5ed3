import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dev } from '../../e2e/start-dev.ts';
import type { Running } from './trouble.ts';

/** Runs the example, which `start` gives a folder of its own, over `subject`, and ends both. */
export async function runExample<Subject extends AsyncDisposable>(
  subject: Subject,
  start: (folder: string) => Promise<Dev>,
): Promise<Running<Subject>> {
  await using stack = new AsyncDisposableStack();
  stack.use(subject);
  const folder = await mkdtemp(join(tmpdir(), 'tandem-soak-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const dev = await start(folder);
  stack.defer(() => dev.stop());
  const running = stack.move();
  return {
    url: `${dev.http}/v1/models/delay-risk:predict`,
    subject,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
