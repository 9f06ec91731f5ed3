import { resolve } from 'node:path';
import type { Place, Problem } from './checked.ts';
import type { Rule } from './rules.ts';

/** The problems found so far, each at its place, of all files of one configuration. */
export class Problems {
  readonly #problems: Problem[] = [];

  add(place: Place, rule: Rule, message: string): void {
    this.addOf(place, rule, message, 'error');
  }

  /** One whose code is another room's. */
  addOf(place: Place, code: string, message: string, severity: Problem['severity']): void {
    this.#problems.push({ ...place, severity, code, message });
  }

  get hasErrors(): boolean {
    return this.#problems.some((problem) => problem.severity === 'error');
  }

  /** All of them, file by file in the order of `files` (absolute), and in the order of each file. */
  sorted(files: readonly string[]): Problem[] {
    const rank = new Map(files.map((file, index) => [file, index] as const));
    const rankOf = ({ file }: Problem): number => rank.get(resolve(file)) ?? 0;
    return this.#problems.toSorted((a, b) => rankOf(a) - rankOf(b) || a.line - b.line || a.column - b.column);
  }
}
