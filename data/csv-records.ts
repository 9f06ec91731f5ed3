/** A record of a CSV file: its cells, or what is wrong with it. */
export interface CsvRecord {
  /** The line on which it begins, from 1. */
  line: number;
  /** An empty cell is null, `""` the empty text. Undefined where the record cannot be read. */
  cells: (string | null)[] | undefined;
  problem: string;
  /** The record as the file has it. */
  text: string;
}

const QUOTE = 34;
const CARRIAGE_RETURN = 13;
/** A record whose quote is open for so long has a quote too many. */
const MAX_RECORD_CHARACTERS = 16 * 1024 * 1024;
const DELIMITERS = [',', ';', '\t', '|'];

/** The delimiter of a file with this header: the one of `,` `;` tab and `|` that it has most of, outside of quotes. */
export function delimiterOf(header: string): string {
  const bare = header.replaceAll(/"(?:[^"]|"")*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

/**
 * Lines to records (RFC 4180): cells may be quoted, and then hold delimiters, line breaks and doubled quotes. A quote
 * within a cell that does not begin with one is text. Where a quote is never closed, its line alone is wrong, and reading
 * goes on with the next: what follows are rows again.
 */
export class CsvRecords {
  readonly #delimiter: string;
  /** The lines of a record whose quote is open, and the cell that it is in. */
  #open: string[] = [];
  #openCharacters = 0;
  #line = 0;
  #cells: (string | null)[] = [];
  #cell = '';
  #isQuoted = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** Whether a record goes on behind the lines that were taken. */
  get isOpen(): boolean {
    return this.#open.length > 0;
  }

  /** Adds the records that the lines complete; `first` is the number of the first line. */
  take(lines: readonly string[], first: number, records: CsvRecord[]): void {
    for (const [at, line] of lines.entries()) this.#takeLine(line, first + at, records);
  }

  /** Adds what is left at the file's end. */
  end(records: CsvRecord[]): void {
    while (this.#open.length > 0) this.#giveUp(records);
  }

  #takeLine(line: string, number: number, records: CsvRecord[]): void {
    if (this.#open.length === 0) {
      this.#line = number;
      if (!line.includes('"')) {
        records.push({ line: number, cells: bareCells(line, this.#delimiter), problem: '', text: line });
        return;
      }
      this.#cells = [];
    } else this.#cell += '\n';
    const problem = this.#scan(line);
    this.#open.push(line);
    if (problem === undefined) {
      this.#openCharacters += line.length;
      if (this.#openCharacters > MAX_RECORD_CHARACTERS) this.#giveUp(records);
      return;
    }
    const cells = problem === '' ? this.#cells : undefined;
    records.push({ line: this.#line, cells, problem, text: this.#open.join('\n') });
    this.#reset();
  }

  /** Reads on to the line's end. Undefined where a quote is open there, else what is wrong, or nothing. */
  #scan(line: string): string | undefined {
    let at = 0;
    for (;;) {
      if (this.#isQuoted) {
        const end = line.indexOf('"', at);
        if (end < 0) {
          this.#cell += line.slice(at);
          return undefined;
        }
        this.#cell += line.slice(at, end);
        if (line.charCodeAt(end + 1) === QUOTE) {
          this.#cell += '"';
          at = end + 2;
          continue;
        }
        this.#isQuoted = false;
        this.#cells.push(this.#cell);
        at = end + 1;
        if (at === line.length || (at === line.length - 1 && line.charCodeAt(at) === CARRIAGE_RETURN)) return '';
        if (line[at] !== this.#delimiter) return 'has text behind a closing quote';
        at++;
      } else if (line.charCodeAt(at) === QUOTE) {
        this.#isQuoted = true;
        this.#cell = '';
        at++;
      } else {
        const end = line.indexOf(this.#delimiter, at);
        if (end < 0) {
          this.#cells.push(nullIfEmpty(withoutReturn(line.slice(at))));
          return '';
        }
        this.#cells.push(nullIfEmpty(line.slice(at, end)));
        at = end + 1;
      }
    }
  }

  /** The first line of the open record is wrong; the others are read anew. */
  #giveUp(records: CsvRecord[]): void {
    const [text, ...rest] = this.#open;
    const line = this.#line;
    records.push({ line, cells: undefined, problem: 'has a quote that is never closed', text });
    this.#reset();
    this.take(rest, line + 1, records);
  }

  #reset(): void {
    this.#open = [];
    this.#openCharacters = 0;
    this.#isQuoted = false;
  }
}

function bareCells(line: string, delimiter: string): (string | null)[] {
  const cells: (string | null)[] = withoutReturn(line).split(delimiter);
  for (let at = 0; at < cells.length; at++) if (cells[at] === '') cells[at] = null;
  return cells;
}

const nullIfEmpty = (text: string): string | null => (text === '' ? null : text);

const withoutReturn = (text: string): string =>
  text.charCodeAt(text.length - 1) === CARRIAGE_RETURN ? text.slice(0, -1) : text;
