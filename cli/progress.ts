import type { OnProgress } from '../data/progress.ts';
import { terminalColumns } from './terminal.ts';

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/**
 * A bar of one line with rate and time left; without a total, count and rate. Nothing is written where nobody watches
 * (the stream is no terminal), and the line goes when the work is done.
 */
export function progressBar(stream: NodeJS.WriteStream, now: () => number = () => performance.now()): OnProgress {
  if (!stream.isTTY) return () => {};
  let startMs = now();
  let drawnMs = -Infinity;
  return ({ rows, totalRows, done }) => {
    const atMs = now();
    if (done) {
      stream.write(CLEAR_LINE);
      startMs = atMs; // the next pass, if there is one, has its own rate
      drawnMs = -Infinity;
    } else if (atMs - drawnMs >= REDRAW_MS) {
      const line = progressLine(rows, totalRows, (atMs - startMs) / 1000);
      // What spills into a second line stays when the first is cleared.
      stream.write(CLEAR_LINE + line.slice(0, terminalColumns(stream)));
      drawnMs = atMs;
    }
  };
}

/** `[######          ] 25 %  84,194 rows  120,000/s  2 s left`. */
export function progressLine(rows: number, totalRows: number | undefined, seconds: number): string {
  const rate = seconds > 0 ? rows / seconds : 0;
  const told = `${rows.toLocaleString('en-US')} rows  ${Math.round(rate).toLocaleString('en-US')}/s`;
  if (totalRows === undefined || totalRows <= 0) return told;
  const share = Math.min(1, rows / totalRows);
  const filled = Math.round(share * BAR_WIDTH);
  const left = rate > 0 ? `  ${Math.ceil(Math.max(0, totalRows - rows) / rate)} s left` : '';
  return `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${Math.floor(share * 100)} %  ${told}${left}`;
}
