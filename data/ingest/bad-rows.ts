import type { Rejects } from './rejects.ts';

/** What is wrong with a row, and of which column; absent where it is the row as a whole. */
export interface RowProblem {
  column?: string;
  problem: string;
}

/** A row that was not written: where it stands, and why. */
export interface BadRow {
  /** The file as it was named, or `--sql`. */
  file: string;
  unit: 'line' | 'row';
  place: number;
  problems: readonly RowProblem[];
  /** The row as it was read, by the file's columns; or its text, where it cannot be read as a row. */
  row?: Readonly<Record<string, unknown>>;
  text?: string;
}

/** How many bad rows are listed; all are counted, and go to the rejects. */
const LISTED = 100;

/** Counts, lists and keeps bad rows, up to a limit of how many there may be. */
export class BadRows {
  readonly listed: BadRow[] = [];
  readonly #limit: number;
  readonly #rejects: Rejects | undefined;
  #count: number;

  /** `count` is how many there were before, in a run that is gone on with. */
  constructor(limit: number, rejects: Rejects | undefined, count = 0) {
    this.#limit = limit;
    this.#rejects = rejects;
    this.#count = count;
  }

  get count(): number {
    return this.#count;
  }

  get areTooMany(): boolean {
    return this.#count > this.#limit;
  }

  /** Which of the next bad rows is the one too many, from 0; Infinity where there may be that many. */
  lastOf(next: number): number {
    const room = Math.max(0, this.#limit - this.#count);
    return next > room ? room : Infinity;
  }

  async add(rows: readonly BadRow[]): Promise<void> {
    this.#count += rows.length;
    this.listed.push(...rows.slice(0, Math.max(0, LISTED - this.listed.length)));
    await this.#rejects?.add(rows);
  }
}
