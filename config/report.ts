import type { Place, Problem } from './checked.ts';
import type { Path, Places } from './places.ts';
import type { Rule } from './rules.ts';

/** The problems found in one file, each at its place. */
export class Report {
  readonly places: Places;
  readonly #problems: Problem[] = [];

  constructor(places: Places) {
    this.places = places;
  }

  /** A problem with the value at the path. */
  at(path: Path, rule: Rule, message: string): void {
    this.add(this.places.at(path), rule, message);
  }

  /** A problem with the key at the path: its name, or that something below it is missing. */
  atKey(path: Path, rule: Rule, message: string): void {
    this.add(this.places.atKey(path), rule, message);
  }

  add(place: Place, code: string, message: string, severity: Problem['severity'] = 'error'): void {
    this.#problems.push({ ...place, severity, code, message });
  }

  get hasErrors(): boolean {
    return this.#problems.some((problem) => problem.severity === 'error');
  }

  /** All of them in the order of the file. */
  get problems(): Problem[] {
    return this.#problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}
