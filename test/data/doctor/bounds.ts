import { fileURLToPath } from 'node:url';
import { parseConfig } from '../../../config/load.ts';
import type { CheckedConfig } from '../../../config/checked.ts';
import type { StoreBounds } from '../../../data/doctor/examine-store.ts';

/** The moment of every examination of a test. */
const NOW = '2013-06-01T00:00:00Z';

export const boundsIn = (stateDir: string, timeoutMs = 10_000): StoreBounds => ({
  stateDir,
  timeoutMs,
  now: () => performance.now(),
  epochMs: () => Date.parse(NOW),
  random: () => 0.5,
  fillCommand: (view) => `fill ${view}`,
});

/** A configuration of these blocks, as if its file were in `folder`. */
export function checkedIn(folder: string, blocks: string, environment: Record<string, string> = {}): CheckedConfig {
  const text = `version: 1\nproject: nyc\ninputs: { instance: { tail: string } }\n${blocks}\n`;
  const { checked, problems } = parseConfig(text, `${folder}/tandem.yaml`, environment);
  if (!checked) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return checked;
}

export const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
