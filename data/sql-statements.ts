/** What may hold a `;` that ends nothing: texts, names, comments, and PostgreSQL's dollar quotes, which DuckDB has too. */
const OPAQUE =
  /(?<!\w)[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|;/g;
const COMMENTS = /--[^\n]*|\/\*[\s\S]*?\*\//g;

/** The last of several SQL statements, without its `;`, and all of those before it. */
export function lastStatement(sql: string): { before: string; last: string } {
  const ends = Array.from(sql.matchAll(OPAQUE)).flatMap(({ 0: found, index }) => (found === ';' ? [index] : []));
  const statements: string[] = [];
  let from = 0;
  for (const end of [...ends, sql.length]) {
    const text = sql.slice(from, end);
    if (text.replaceAll(COMMENTS, '').trim() !== '') statements.push(text);
    from = end + 1;
  }
  const last = statements.pop() ?? '';
  return { before: statements.map((text) => `${text};`).join(''), last: last.trim() };
}
