import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startCommand } from '../../bench/load/child.ts';
import { until } from '../servers/until.ts';

test('what a command leaves behind ends with it', async () => {
  const orphan = `sleep 600 & echo "{\\"event\\":\\"listening\\",\\"orphan\\":$!}"; wait`;
  const child = startCommand('sh', ['-c', orphan]);
  const { orphan: pid } = (await child.listening) as { orphan: number };
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  await child.stop();
  expect(child.gone.aborted).toBe(true);
  await until(() => Promise.resolve(!existsSync(`/proc/${pid}`)));
});
