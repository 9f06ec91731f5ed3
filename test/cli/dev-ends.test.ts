import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { holdingsOf, leftOf } from '../e2e/left-over.ts';
import { hostsOf } from '../e2e/processes.ts';
import { askOnce, type Answered } from '../soak/wrapper/clients.ts';
import { startHarmed, urlOf } from '../soak/wrapper/project.ts';
import { seededRandom } from '../soak/random.ts';

/** What `npm run soak -- --only wrapper` does again and again under load. */
describe.each(['Python', 'TypeScript'] as const)('tandem dev with a predictor in %s', (language) => {
  it('answers again after a kill -9 and an endless loop, and leaves no process and no socket when it ends', async () => {
    const random = seededRandom(1);
    await using harmed = await startHarmed({ language, replicas: 1, models: ['guarded'] });
    const { dev, folder, stateDir } = harmed;
    const url = urlOf(dev, 'guarded');
    const untilRight = async (): Promise<number> => {
      let answered: Answered;
      do {
        answered = await askOnce(url, random);
        expect(answered.verdict.kind).not.toBe('wrong');
      } while (answered.verdict.kind !== 'right');
      return answered.verdict.process;
    };

    const first = await untilRight();
    expect(hostsOf(dev.pid, 'guarded')).toEqual([first]);
    process.kill(first, 'SIGKILL');
    const second = await untilRight();
    expect((await askOnce(url, random, 'loop')).verdict).toEqual({ kind: 'fallback', code: 'DEADLINE_EXCEEDED' });
    const third = await untilRight();
    expect(new Set([first, second, third]).size).toBe(3);

    const holdings = holdingsOf(dev.pid, folder, stateDir, ['guarded'], 1);
    expect(leftOf(holdings)).toEqual({ processes: 3, listening: 4, files: 2 });
    const hanging = askOnce(url, random, 'loop');
    // Answered late, as all are that wait behind it.
    while ((await askOnce(url, random)).verdict.kind === 'right');
    process.kill(-dev.pid, 'SIGINT');
    await once(dev.gone, 'abort');
    expect(leftOf(holdings)).toEqual({ processes: 0, listening: 0, files: 0 });
    await hanging;
  });
});
