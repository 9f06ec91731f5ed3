import type { Broken } from './broken.ts';
import type { Place, Problem } from './checked.ts';
import type { Path, Places } from './places.ts';
import type { Problems } from './problems.ts';
import type { Rule } from './rules.ts';

/** Where the checks of one configuration say what they find, by path. */
export class Report {
  readonly places: Places;
  readonly broken: Broken;
  readonly #problems: Problems;

  constructor(places: Places, broken: Broken, problems: Problems) {
    this.places = places;
    this.broken = broken;
    this.#problems = problems;
  }

  /** A problem with the value at the path. */
  at(path: Path, rule: Rule, message: string): void {
    this.#problems.add(this.places.at(path), rule, message);
  }

  /** A problem with the key at the path: its name, or that something below it is missing. */
  atKey(path: Path, rule: Rule, message: string): void {
    this.#problems.add(this.places.atKey(path), rule, message);
  }

  /** Something doubtful at the value of the path, or at its key. */
  warn(path: Path, rule: Rule, message: string): void {
    this.#problems.addOf(this.places.at(path), rule, message, 'warning');
  }

  warnAtKey(path: Path, rule: Rule, message: string): void {
    this.#problems.addOf(this.places.atKey(path), rule, message, 'warning');
  }

  /** Whether an error was told so far. */
  get hasErrors(): boolean {
    return this.#problems.hasErrors;
  }

  /** A problem of another room, with its own code. */
  add(place: Place, code: string, message: string, severity: Problem['severity']): void {
    this.#problems.addOf(place, code, message, severity);
  }
}
