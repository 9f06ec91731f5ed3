import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { CallSignal } from '../../../../foundation/cancel-signal.ts';
import { readJson } from '../../../../orchestrator/features/service/body.ts';

const BOMB = gzipSync(Buffer.alloc(50_000_000, ' '));

test('of bombs that came at once, those that nobody waits for any more are not unpacked; the next body is', async () => {
  const stop = new CallSignal();
  const reading = Array.from({ length: 64 }, () => readJson([BOMB], 'gzip', stop));
  stop.abort();
  const reasons = (await Promise.allSettled(reading)).map((result) =>
    result.status === 'rejected' ? (result.reason as Error).message : 'read',
  );
  expect(reasons.filter((reason) => reason.startsWith('the body unpacks to more than'))).toHaveLength(2);
  expect(reasons.filter((reason) => reason === 'nobody waits for the body any more')).toHaveLength(62);
  expect(await readJson([gzipSync('{"x":1}')], 'gzip', new CallSignal())).toEqual({ x: 1 });
});
