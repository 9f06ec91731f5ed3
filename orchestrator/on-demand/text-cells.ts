/**
 * Texts of which some are null, on a wire that has no null: the empty text is null, and any other text follows an `=`.
 * tandem_wrapper/functions.py reads and writes the same.
 */
export const encodeCells = (texts: readonly (string | null)[]): string[] =>
  texts.map((text) => (text === null ? '' : `=${text}`));

export const decodeCells = (cells: readonly (string | null)[]): (string | null)[] =>
  cells.map((cell) => (cell === null || cell === '' ? null : cell.slice(1)));
