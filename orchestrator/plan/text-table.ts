/** How a text stands out where it is shown; a page or a pipe leaves it as it is. */
export type Paint = (style: 'bold' | 'dim' | 'green' | 'yellow' | 'red', text: string) => string;

export const plain: Paint = (_, text) => text;

/** One cell: its text, and how it is painted once the column's width is known. */
export type Cell = string | { text: string; style: Parameters<Paint>[0] };

/** Rows in columns as wide as their widest cell, two spaces between; nothing after the last cell of a row. */
export function alignColumns(
  rows: readonly (readonly Cell[])[],
  paint: Paint,
  rightAligned: ReadonlySet<number> = new Set(),
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, textOf(cell).length);
  }
  return rows.map((row) => {
    const end = row.findLastIndex((cell) => textOf(cell) !== '');
    return row
      .slice(0, end + 1)
      .map((cell, at) => {
        const padding = ' '.repeat(widths[at] - textOf(cell).length);
        const shown = typeof cell === 'string' ? cell : paint(cell.style, cell.text);
        if (rightAligned.has(at)) return padding + shown;
        return at === end ? shown : shown + padding;
      })
      .join('  ');
  });
}

export const indent = (lines: readonly string[], by: number): string[] => lines.map((line) => ' '.repeat(by) + line);

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}
