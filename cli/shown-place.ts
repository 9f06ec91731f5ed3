import { resolve } from 'node:path';
import type { Place } from '../config/checked.ts';
import { shortPath } from '../config/print.ts';

/** A place as `file:line:col`, the file relative to `folder` where it is below it: what editors and terminals open. */
export function shownPlace({ file, line, column }: Place, folder: string): string {
  return `${shownFile(file, folder)}:${line}:${column}`;
}

export function shownFile(file: string, folder: string): string {
  const whole = resolve(folder, file);
  const short = shortPath(whole, folder);
  return short === whole ? file : short;
}
