import { describe, expect, it } from 'vitest';
import { ask } from '../../../e2e/ask.ts';
import { serveFront } from './serve-front.ts';

describe('health', () => {
  it('has the bodies that clients of the serving protocols parse', async () => {
    let reason: string | undefined;
    await using front = await serveFront({
      predict: () => Promise.reject(new Error('not asked')),
      notReady: () => reason,
    });
    const read = async (path: string) => {
      const { status, json } = await ask(front.at, { path });
      return { status, ...json };
    };
    expect(await read('/')).toEqual({ status: 'alive' });
    expect(await read('/v2/health/live')).toEqual({ status: 200, live: true });
    expect(await read('/v2/health/ready')).toEqual({ status: 200, ready: true });

    reason = 'The model "m" is not loaded.';
    expect(await read('/v2/health/live')).toEqual({ status: 200, live: true });
    expect(await read('/v2/health/ready')).toEqual({ status: 503, error: reason, code: 'NOT_READY', retryable: true });
  });
});
