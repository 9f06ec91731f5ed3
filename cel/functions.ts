import { formatTimestamp, parseTimestampMs } from '../foundation/timestamp.ts';
import * as calendar from './calendar.ts';
import type { Value } from './cel-type.ts';
import { parseDurationText } from './duration-text.ts';
import { compilePattern, patternProblem } from './pattern.ts';
import {
  codePoints,
  exactInt,
  haversine,
  inCalendar,
  parseBool,
  parseDouble,
  parseInt64,
  round,
} from './scalar-functions.ts';
import { readSignature } from './signature.ts';
import type { Signature } from './signature.ts';
import { isLocalStep, openTruncate, stepProblem } from './truncate.ts';
import { openZone } from './zone.ts';
import type { Zone } from './zone.ts';

/** What runs for a row: operands are never null, and a result that is NaN or not finite is null. */
export type Implementation = (a: never, b: never, c: never, d: never) => Value;

/** One overload of a function that an expression may call. */
export interface CelFunction extends Signature {
  /** As the documentation shows it: `timestamp.getHours(string): int`. */
  signature: string;
  doc: string;
  /** `zone` is the configured one; `literals` the operands that the text writes out, undefined for the others. */
  open(zone: Zone, literals: readonly (Value | undefined)[]): Implementation;
  /** It gives its operand back: nothing to run. */
  isIdentity?: boolean;
  /** The operand that must (or, if it does, had better) be well-formed where it is written out, and what is wrong with it. */
  literal?: { operand: number; required: boolean; problem(text: string): string | undefined };
  /** Whether a call reads the configured zone, given the text of its `literal` operand. */
  readsZone?(literal: string | undefined): boolean;
}

type Options = Partial<Pick<CelFunction, 'open' | 'isIdentity' | 'literal' | 'readsZone'>>;

function row(signature: string, doc: string, implementation: Implementation | Options): CelFunction {
  const options = typeof implementation === 'function' ? { open: () => implementation } : implementation;
  return { ...readSignature(signature), signature, doc, open: () => (value: Value) => value, ...options };
}

const identity: Options = { isIdentity: true };

const bool = (truth: boolean): number => (truth ? 1 : 0);

/** What no calendar holds is null: a Date would throw. */
const timestampText = (ms: number): string | null => (Number.isNaN(inCalendar(ms)) ? null : formatTimestamp(ms));

const zoneProblem = (name: string): string | undefined =>
  openZone(name) ? undefined : `there is no time zone '${name}'; write one as 'America/New_York' or '-05:00'`;

/** The two overloads of a getter: in the configured zone, and in the zone that the call names. */
function getter(name: string, doc: string, read: (local: number) => number): CelFunction[] {
  return [
    row(`timestamp.${name}(): int`, doc, {
      open: (zone) => (time: number) => read(time + zone.offsetAt(time)),
      readsZone: () => true,
    }),
    row(`timestamp.${name}(string): int`, `${doc} In the zone that the call names.`, {
      open: (_, [, literal]) => {
        const named = typeof literal === 'string' ? openZone(literal) : undefined;
        if (named) return (time: number) => read(time + named.offsetAt(time));
        return (time: number, text: string) => {
          const zone = openZone(text);
          return zone ? read(time + zone.offsetAt(time)) : Number.NaN;
        };
      },
      literal: { operand: 1, required: false, problem: zoneProblem },
    }),
  ];
}

/** Every function that an expression may call, in the order of the documentation (docs/cel.md). */
export const FUNCTIONS: readonly CelFunction[] = [
  row(
    'truncate(timestamp, string): timestamp',
    "Down to a whole '15m', '1h', … of UTC, or by '1d' to the start of the local day.",
    {
      open: (zone, [, step]) => openTruncate(String(step), zone),
      literal: { operand: 1, required: true, problem: stepProblem },
      readsZone: (step) => step !== undefined && isLocalStep(step),
    },
  ),
  row(
    'haversine(double, double, double, double): double',
    'Kilometres between (lat1, lon1) and (lat2, lon2) in degrees.',
    haversine,
  ),
  row('log(double): double', 'Natural logarithm; null for what is not positive.', Math.log),
  row('exp(double): double', 'e to the power of.', Math.exp),
  row('sqrt(double): double', 'Square root; null for what is negative.', Math.sqrt),
  row('pow(double, double): double', 'The first to the power of the second.', Math.pow),
  row('abs(double): double', 'Without its sign.', Math.abs),
  row('abs(int): int', 'Without its sign.', Math.abs),
  row('floor(double): double', 'The whole number at or below.', Math.floor),
  row('ceil(double): double', 'The whole number at or above.', Math.ceil),
  row('round(double): double', 'The nearest whole number; halves go away from zero.', round),
  ...(['int', 'double', 'timestamp'] as const).flatMap((type) => [
    row(`min(${type}, ${type}): ${type}`, 'The smaller.', Math.min),
    row(`max(${type}, ${type}): ${type}`, 'The greater.', Math.max),
  ]),

  row('size(string): int', 'Length in Unicode code points.', codePoints),
  row('string.size(): int', 'Length in Unicode code points.', codePoints),
  row('string.contains(string): bool', 'Whether the argument occurs in it.', (a: string, b: string) =>
    bool(a.includes(b)),
  ),
  row('string.startsWith(string): bool', 'Whether it begins so.', (a: string, b: string) => bool(a.startsWith(b))),
  row('string.endsWith(string): bool', 'Whether it ends so.', (a: string, b: string) => bool(a.endsWith(b))),
  row('string.matches(string): bool', 'Whether an RE2 pattern, written out, matches somewhere in it.', {
    open: (_, [, pattern]) => {
      const test = compilePattern(String(pattern));
      return (text: string) => bool(test(text));
    },
    literal: { operand: 1, required: true, problem: patternProblem },
  }),

  row('double(double): double', 'Itself.', identity),
  row('double(int): double', 'The same number as a double.', identity),
  row('double(string): double', 'Of a decimal number; null for any other text.', parseDouble),
  row('int(int): int', 'Itself.', identity),
  row('int(double): int', 'Cut towards zero.', (x: number) => exactInt(Math.trunc(x))),
  row('int(string): int', 'Of a decimal integer; null for any other text.', parseInt64),
  row('int(timestamp): int', 'Epoch seconds.', (ms: number) => Math.floor(ms / 1000)),
  row('bool(bool): bool', 'Itself.', identity),
  row('bool(string): bool', 'Of `true`, `false`, `1`, `0`, `t`, `f`; null for any other text.', parseBool),
  row('string(string): string', 'Itself.', identity),
  row('string(bool): string', '`true` or `false`.', (x: number) => (x === 1 ? 'true' : 'false')),
  row('string(int): string', 'In decimal.', String),
  row('string(double): string', 'The shortest decimal that reads back the same.', String),
  row('string(timestamp): string', 'RFC 3339 in UTC: `2013-05-05T13:00:00Z`.', timestampText),
  row('timestamp(string): timestamp', 'Of RFC 3339 with a zone; null for any other text.', {
    open: () => parseTimestampMs,
    literal: {
      operand: 0,
      required: false,
      problem: (text) =>
        Number.isNaN(parseTimestampMs(text))
          ? `'${text}' is not RFC 3339 with a zone; write it as '2013-05-05T13:00:00Z'`
          : undefined,
    },
  }),
  row('timestamp(int): timestamp', 'Of epoch seconds.', (seconds: number) => inCalendar(seconds * 1000)),
  row('duration(string): duration', "Of '90m', '1h30m', '-2s', '1d' (24 hours); whole milliseconds.", {
    open: () => parseDurationText,
    literal: {
      operand: 0,
      required: false,
      problem: (text) =>
        Number.isNaN(parseDurationText(text))
          ? `'${text}' is not a duration of whole milliseconds; write it as '90m', '1h30m' or '250ms'`
          : undefined,
    },
  }),

  ...getter('getFullYear', 'Year.', calendar.year),
  ...getter('getMonth', 'Month, 0 to 11.', calendar.month),
  ...getter('getDate', 'Day of the month, 1 to 31.', calendar.date),
  ...getter('getDayOfMonth', 'Day of the month, 0 to 30.', (local) => calendar.date(local) - 1),
  ...getter('getDayOfWeek', 'Day of the week, 0 (Sunday) to 6.', calendar.dayOfWeek),
  ...getter('getDayOfYear', 'Day of the year, 0 to 365.', calendar.dayOfYear),
  ...getter('getHours', 'Hour of the day, 0 to 23.', calendar.hours),
  ...getter('getMinutes', 'Minute of the hour, 0 to 59.', calendar.minutes),
  row('timestamp.getSeconds(): int', 'Second of the minute, 0 to 59.', calendar.seconds),
  row('timestamp.getMilliseconds(): int', 'Millisecond of the second, 0 to 999.', calendar.milliseconds),
  row('duration.getHours(): int', 'The whole of it in hours, cut towards zero.', (ms: number) =>
    Math.trunc(ms / 3_600_000),
  ),
  row('duration.getMinutes(): int', 'The whole of it in minutes, cut towards zero.', (ms: number) =>
    Math.trunc(ms / 60_000),
  ),
  row('duration.getSeconds(): int', 'The whole of it in seconds, cut towards zero.', (ms: number) =>
    Math.trunc(ms / 1000),
  ),
  row('duration.getMilliseconds(): int', 'The whole of it in milliseconds.', (ms: number) => ms),
];

/** The overloads of a name, as a function (`size(x)`) or as a method (`x.size()`). */
export function overloadsOf(name: string, isMethod: boolean): readonly CelFunction[] {
  return FUNCTIONS.filter((entry) => entry.name === name && entry.isMethod === isMethod);
}

/** The overload for operands of these types. */
export function findOverload(name: string, isMethod: boolean, types: readonly (string | undefined)[]) {
  return overloadsOf(name, isMethod).find(
    ({ operands }) => operands.length === types.length && operands.every((type, at) => type === types[at]),
  );
}
