/**
 * Where character `offset` of a scalar's value stands in `source`, the scalar as the file writes it with its quotes.
 * 0, the beginning, for scalars of several lines: their breaks are folded away and no longer tell.
 */
export function offsetInSource(source: string, offset: number): number {
  if (source.includes('\n')) return 0;
  const quote = source[0];
  if (quote !== '"' && quote !== "'") return Math.min(offset, source.length);
  let at = 1;
  for (let left = offset; left > 0 && at < source.length - 1; left--) at += widthAt(source, at);
  return at;
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
