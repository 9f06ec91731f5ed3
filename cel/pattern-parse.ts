/** A pattern as a tree, and the mistakes that can be in one. */
export type Pattern =
  | { kind: 'set'; ranges: readonly (readonly [number, number])[] }
  | { kind: 'all'; parts: readonly Pattern[] }
  | { kind: 'either'; parts: readonly Pattern[] }
  | { kind: 'repeat'; part: Pattern; least: number; most: number }
  | { kind: 'assert'; place: 'start' | 'end' | 'boundary' | 'inside' };

/** Says what is wrong with a pattern, as the end of a sentence. */
export class PatternError extends Error {}

type Ranges = (readonly [number, number])[];

const LAST = 0x10_ffff;
const MAX_REPEAT = 1000;
const MAX_DEPTH = 50;
const DIGIT: Ranges = [[48, 57]];
const WORD: Ranges = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: Ranges = [
  [9, 10],
  [12, 13],
  [32, 32],
];
const NOT_NEWLINE: Ranges = [
  [0, 9],
  [11, LAST],
];
const CONTROLS: Record<string, number> = { n: 10, r: 13, t: 9, f: 12, v: 11, a: 7 };

const invert = (ranges: Ranges): Ranges => {
  const inverted: Ranges = [];
  let next = 0;
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (from > next) inverted.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= LAST) inverted.push([next, LAST]);
  return inverted;
};

const CLASSES: Record<string, Ranges> = {
  d: DIGIT,
  D: invert(DIGIT),
  w: WORD,
  W: invert(WORD),
  s: SPACE,
  S: invert(SPACE),
};

/**
 * The tree of a pattern: the part of RE2's syntax that matters for a yes or no (https://github.com/google/re2/wiki/Syntax).
 * Literals, `.`, classes, groups, `|`, `* + ? {n,m}` also lazy, `^ $ \A \z \b \B`. Throws PatternError.
 */
export function parsePattern(text: string): Pattern {
  const parser = new Parser(text);
  const pattern = parser.either(0);
  if (parser.peek() !== undefined) throw new PatternError('has a ) that nothing opens');
  return pattern;
}

class Parser {
  readonly #symbols: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#symbols = Array.from(text);
  }

  peek(): string | undefined {
    return this.#symbols[this.#at];
  }

  #take(symbol: string): boolean {
    if (this.peek() !== symbol) return false;
    this.#at++;
    return true;
  }

  either(depth: number): Pattern {
    if (depth > MAX_DEPTH) throw new PatternError(`nests groups deeper than ${MAX_DEPTH}`);
    const parts = [this.#all(depth)];
    while (this.#take('|')) parts.push(this.#all(depth));
    return parts.length === 1 ? parts[0] : { kind: 'either', parts };
  }

  #all(depth: number): Pattern {
    const parts: Pattern[] = [];
    for (let next = this.peek(); next !== undefined && next !== '|' && next !== ')'; next = this.peek()) {
      parts.push(this.#repeated(this.#atom(depth)));
    }
    return { kind: 'all', parts };
  }

  #repeated(part: Pattern): Pattern {
    const count = this.#count();
    if (!count) return part;
    // Lazy or greedy is the same for a yes or no.
    this.#take('?');
    if (this.#count()) throw new PatternError('repeats a repetition; put a group round the inner one');
    return { kind: 'repeat', part, ...count };
  }

  #count(): { least: number; most: number } | undefined {
    if (this.#take('*')) return { least: 0, most: Infinity };
    if (this.#take('+')) return { least: 1, most: Infinity };
    if (this.#take('?')) return { least: 0, most: 1 };
    const braces = /^\{(\d{1,6})(,?)(\d{0,6})\}/.exec(this.#symbols.slice(this.#at, this.#at + 16).join(''));
    if (!braces || (!braces[2] && braces[3])) return undefined;
    const least = Number(braces[1]);
    const most = braces[3] ? Number(braces[3]) : braces[2] ? Infinity : least;
    if (least > MAX_REPEAT || (most !== Infinity && most > MAX_REPEAT)) {
      throw new PatternError(`repeats more than ${MAX_REPEAT} times`);
    }
    if (most < least) throw new PatternError(`counts down in ${braces[0]}`);
    this.#at += braces[0].length;
    return { least, most };
  }

  #atom(depth: number): Pattern {
    const symbol = this.#symbols[this.#at++];
    switch (symbol) {
      case '(':
        return this.#group(depth);
      case '[':
        return { kind: 'set', ranges: this.#class() };
      case '.':
        return { kind: 'set', ranges: NOT_NEWLINE };
      case '^':
        return { kind: 'assert', place: 'start' };
      case '$':
        return { kind: 'assert', place: 'end' };
      case '*':
      case '+':
      case '?':
        throw new PatternError(`has a ${symbol} with nothing to repeat`);
      case '\\':
        return this.#escaped();
      default:
        return { kind: 'set', ranges: single(symbol) };
    }
  }

  #group(depth: number): Pattern {
    if (this.#take('?') && !this.#take(':')) {
      const next = this.#symbols.slice(this.#at, this.#at + 2).join('');
      if (/^(=|!|<=|<!)/.test(next))
        throw new PatternError('looks ahead or behind, which cannot be matched in linear time');
      const name = /^P?<\w+>/.exec(this.#symbols.slice(this.#at, this.#at + 64).join(''));
      if (!name) throw new PatternError('has a (? that is not a group; flags are not supported');
      this.#at += name[0].length;
    }
    const inner = this.either(depth + 1);
    if (!this.#take(')')) throw new PatternError('has a ( that nothing closes');
    return inner;
  }

  #escaped(): Pattern {
    const symbol = this.peek();
    if (symbol === 'b' || symbol === 'B') {
      this.#at++;
      return { kind: 'assert', place: symbol === 'b' ? 'boundary' : 'inside' };
    }
    if (symbol === 'A' || symbol === 'z') {
      this.#at++;
      return { kind: 'assert', place: symbol === 'A' ? 'start' : 'end' };
    }
    return { kind: 'set', ranges: this.#escape() };
  }

  #escape(): Ranges {
    const symbol = this.#symbols[this.#at++];
    if (symbol === undefined) throw new PatternError('ends in a backslash');
    if (Object.hasOwn(CLASSES, symbol)) return CLASSES[symbol];
    if (Object.hasOwn(CONTROLS, symbol)) return [[CONTROLS[symbol], CONTROLS[symbol]]];
    if (/[1-9]/.test(symbol)) throw new PatternError('has a backreference, which cannot be matched in linear time');
    if (symbol === 'x') return single(this.#hexadecimal());
    if (/\w/.test(symbol)) throw new PatternError(`has the escape \\${symbol}, which is not known here`);
    return single(symbol);
  }

  #hexadecimal(): string {
    const match = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/.exec(
      this.#symbols.slice(this.#at, this.#at + 8).join(''),
    );
    const code = match ? Number.parseInt(match[1] ?? match[2], 16) : Infinity;
    if (!match || code > LAST) throw new PatternError('has a \\x without two hexadecimal digits');
    this.#at += match[0].length;
    return String.fromCodePoint(code);
  }

  #class(): Ranges {
    const isInverted = this.#take('^');
    const ranges: Ranges = [];
    for (let isFirst = true; isFirst || this.peek() !== ']'; isFirst = false) {
      const from = this.#member();
      const isRange =
        this.peek() === '-' && this.#symbols[this.#at + 1] !== ']' && this.#symbols[this.#at + 1] !== undefined;
      if (!isRange) {
        ranges.push(...from);
        continue;
      }
      this.#at++;
      const to = this.#member();
      if (from.length !== 1 || to.length !== 1 || from[0][0] !== from[0][1] || to[0][0] !== to[0][1]) {
        throw new PatternError('has a range between classes');
      }
      if (to[0][0] < from[0][0]) throw new PatternError('has a range that runs backwards');
      ranges.push([from[0][0], to[0][0]]);
    }
    this.#at++;
    return isInverted ? invert(ranges) : ranges;
  }

  #member(): Ranges {
    const symbol = this.#symbols[this.#at++];
    if (symbol === undefined) throw new PatternError('has a [ that nothing closes');
    if (symbol === '[' && this.peek() === ':')
      throw new PatternError('has a [: class, which is not supported; write \\d, \\w or \\s');
    return symbol === '\\' ? this.#escape() : single(symbol);
  }
}

const single = (symbol: string): Ranges => [[symbol.codePointAt(0)!, symbol.codePointAt(0)!]];
