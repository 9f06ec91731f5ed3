/** The path of a key's call; undefined where a value can be no part of a path. */
export type WritePath = (values: readonly string[]) => string | undefined;

/**
 * What a request line may be: servers take 8,000 bytes at least (RFC 9112, section 3), Node's own 16 KiB with all
 * headers. A longer key names nothing that a service could have.
 */
const MAX_PATH_LENGTH = 8000;

interface Place {
  /** What stands before the value, the path's end included in the last place's `after`. */
  before: string;
  part: number;
  encode: (value: string) => string | undefined;
}

/**
 * A template such as `/stations/{origin}/hours/{hour}?unit=f`, whose braces are whole segments or query values (the
 * configuration's check has seen to it), as a writer of paths. Values never leave their place:
 *
 * - In the path a value is one segment. What some server, proxy or framework on the way may take for more than one, or
 *   for another one, is not asked for at all, and is NOT_FOUND: see `pathSegment`.
 * - In the query a value is percent-encoded, which no server undoes before it has split the query.
 */
export function compilePath(template: string, parts: readonly string[]): WritePath {
  const queryAt = template.includes('?') ? template.indexOf('?') : template.length;
  const places: Place[] = [];
  let end = 0;
  for (const match of template.matchAll(/\{([^{}]*)\}/g)) {
    const before = template.slice(end, match.index);
    places.push({ before, part: parts.indexOf(match[1]), encode: match.index < queryAt ? pathSegment : queryValue });
    end = match.index + match[0].length;
  }
  const after = template.slice(end);
  return (values) => {
    let path = '';
    for (const { before, part, encode } of places) {
      const encoded = encode(values[part]);
      if (encoded === undefined) return undefined;
      path += before + encoded;
    }
    path += after;
    return path.length > MAX_PATH_LENGTH ? undefined : path;
  };
}

/** What stays itself in every encoding, and nearly all keys are made of. */
const PLAIN = /^[A-Za-z0-9_~-]+$/;

/**
 * A value as one segment of a path, undefined where it could be read as something else:
 *
 * - An empty segment, `.` and `..` are removed by whoever normalises a path (RFC 3986, section 5.2.4), percent-encoded
 *   or not (`%2e%2e` is `..` to the URL standard), `..;x` by servers that cut path parameters off.
 * - `/` and `\`: `%2F` is a slash again to nginx, Envoy and Tomcat, depending on their settings.
 * - Control characters: a text of C ends at NUL, a header at CR LF.
 * - The same in disguise: `%2e%2e` as a value (decoded twice by some), full-width and compatibility forms (`．．`, `‥`,
 *   `／`), which best-fit mappings turn into the plain ones, and zero-width characters between dots.
 * - A lone surrogate, which has no UTF-8.
 */
export function pathSegment(value: string): string | undefined {
  if (PLAIN.test(value)) return value;
  if (!value.isWellFormed()) return undefined;
  return readings(value).every(isOneSegment) ? encodeURIComponent(value) : undefined;
}

export function queryValue(value: string): string | undefined {
  return value.isWellFormed() ? encodeURIComponent(value) : undefined;
}

/** The value, and what it becomes where it is decoded and folded again; three times is more than any server does. */
function readings(value: string): string[] {
  const all = [value];
  for (let round = 0; round < 3; round++) {
    const last = all[round];
    const next = percentDecoded(last)
      .normalize('NFKC')
      .replace(/\p{Cf}/gu, '');
    if (next === last) break;
    all.push(next);
  }
  return all;
}

function isOneSegment(text: string): boolean {
  if (/[/\\\p{Cc}\u2044\u2215\u29F5\u29F8]/u.test(text)) return false;
  const [name = ''] = text.split(';', 1);
  return !/^[.\u3002]*$/.test(name);
}

/** As lenient servers decode: each `%XX` for itself, all else as it stands. */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  return Buffer.from(
    text.replace(/%([0-9a-f]{2})|\P{ASCII}+/giu, (found, digits?: string) =>
      digits === undefined ? Buffer.from(found).toString('latin1') : String.fromCharCode(parseInt(digits, 16)),
    ),
    'latin1',
  ).toString();
}
