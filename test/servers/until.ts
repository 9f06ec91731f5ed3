import { setTimeout } from 'node:timers/promises';

/** Asks until it is so: servers that settle something among themselves tell nobody when they are done. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(10);
}
