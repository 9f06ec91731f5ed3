import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../foundation/duration.ts';

/** A count: 0, 1, 2, … */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError('it is a whole number.');
}

/** The parser of a duration longer than 0, in ms; what it is refused with. */
export function positiveDuration(refusal: string): (text: string) => number {
  return (text) => {
    const ms = parseDurationMs(text);
    if (!ms) throw new InvalidArgumentError(refusal);
    return ms;
  };
}

/** A duration of whole milliseconds: `30d`. */
export function durationMs(text: string): number {
  const ms = Math.round(parseDurationMs(text) ?? 0);
  if (ms > 0) return ms;
  throw new InvalidArgumentError('it is a duration: 90s, 24h, 30d.');
}

/** Values of a flag that may be given again. */
export function gathered(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** `NAME=TEXT` of a flag that may be given again, by name. */
export function gatheredPair(value: string, before: ReadonlyMap<string, string>): Map<string, string> {
  const [, name, text] = /^([^=]+)=(.+)$/s.exec(value) ?? [];
  if (name === undefined || text === undefined) throw new InvalidArgumentError('it is FIELD=COLUMN.');
  if (before.has(name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return new Map([...before, [name, text]]);
}
