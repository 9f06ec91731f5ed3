const HEIGHT = 16;
const WIDTH = 64;

/** A series of a chart: one letter a point. */
export interface Series {
  letter: string;
  values: readonly number[];
}

/** Series of equal length over one axis from 0, as text: every point is the middle one of its stretch. */
export function renderChart(series: readonly Series[], xLabel: string, unit: string): string {
  const top = niceTop(Math.max(...series.flatMap(({ values }) => values)));
  const rows = Array.from({ length: HEIGHT + 1 }, () => Array.from({ length: WIDTH }, () => ' '));
  for (const { letter, values } of series) {
    for (let column = 0; column < WIDTH; column++) {
      const value = values[Math.floor(((column + 0.5) / WIDTH) * values.length)];
      rows[HEIGHT - Math.round((value / top) * HEIGHT)][column] = letter;
    }
  }
  const lines = rows.map((row, at) => {
    const label = at % 4 === 0 ? String(Math.round((top * (HEIGHT - at)) / HEIGHT)) : '';
    return `${label.padStart(6)} |${row.join('').trimEnd()}`;
  });
  return [unit.padStart(6), ...lines, `${' '.repeat(7)}+${'-'.repeat(WIDTH)}`, xLabel.padStart(WIDTH + 8)].join('\n');
}

/** The least 1, 2 or 5 times a power of ten, or 1.5 or 3 times one, that is not below. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 5, 10].map((step) => step * power).find((top) => top >= value)!;
}
