/** ` 3.2 s, 26,312 rows a second.`; nothing of less than a second, of which a rate says nothing. */
export function rate(rows: number, seconds: number): string {
  if (seconds < 1) return '';
  return ` ${seconds.toFixed(1)} s, ${Math.round(rows / seconds).toLocaleString('en-US')} rows a second.`;
}
