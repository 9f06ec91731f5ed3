/**
 * Where character `offset` of a scalar's value stands in `source`, the scalar as the file writes it, with its quotes or
 * the `>-` of a block. Folding changes nothing but blanks, so in a scalar of several lines the place is told by what is
 * not blank; 0, the beginning, where quotes hold several lines, whose escapes would have to be undone too.
 */
export function offsetInSource(source: string, value: string, offset: number): number {
  const quote = source[0];
  const isQuoted = quote === '"' || quote === "'";
  if (source.includes('\n')) return isQuoted ? 0 : offsetInLines(source, value, offset);
  if (!isQuoted) return Math.min(offset, source.length);
  let at = 1;
  for (let left = offset; left > 0 && at < source.length - 1; left--) at += widthAt(source, at);
  return at;
}

function offsetInLines(source: string, value: string, offset: number): number {
  let left = value.slice(0, offset).replace(/\s/g, '').length;
  // A block begins with its sign, and a comment may stand behind that.
  let at = /^[|>]/.test(source) ? source.indexOf('\n') : 0;
  for (; at < source.length; at++) if (/\S/.test(source.charAt(at)) && left-- === 0) return at;
  return source.trimEnd().length;
}

/** How many characters of the file make the character of the value that begins at `at`. */
function widthAt(source: string, at: number): number {
  if (source[0] === "'") return source.startsWith("''", at) ? 2 : 1;
  if (source[at] !== '\\') return 1;
  switch (source[at + 1]) {
    case 'x':
      return 4;
    case 'u':
      return 6;
    case 'U':
      return 10;
    default:
      return 2;
  }
}
