import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, type Block } from './markdown.ts';
import type { RunningExample } from './running-example.ts';
import { wordsOf } from './shell.ts';

const run = promisify(execFile);

/** True of a block that shows what `tandem explain …` or `tandem doctor …` prints: the command is its mark. */
export function isExplanation({ mark }: Block): boolean {
  return /^tandem (?:explain|doctor) /.test(mark ?? '');
}

/** What the command of a mark prints, beside a running example. */
export async function explain(
  mark: string,
  { stateDir, environment: env }: Pick<RunningExample, 'stateDir' | 'environment'>,
): Promise<string> {
  const [, ...words] = wordsOf(mark);
  const main = join(ROOT, 'cli', 'main.ts');
  const { stdout } = await run(process.execPath, [main, ...words, '--state-dir', stateDir], { cwd: ROOT, env });
  return stdout;
}

/**
 * Without what differs from run to run: times of steps, sizes of a store's file and disk, free ports, the columns' widths
 * that follow from them, a sixth digit.
 */
export function stable(text: string): string {
  return text
    .replaceAll(/\d+\.\d{3}ms/g, 'TIME')
    .replaceAll(/(?<=^ {2}(?:file|map|free disk) +)\S+$/gm, 'SIZE')
    .replaceAll(/(?<=\b127\.0\.0\.1:)\d+/g, 'PORT')
    .replaceAll(/\d+\.\d{6,}/g, (number) => Number(number).toFixed(5))
    .replaceAll(/(?<=\S) {2,}/g, '  ')
    .trimEnd();
}
