import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

const NOTES = '## Notes';

/** The date and the machine, for the head of a results file. Ask before the load begins. */
export function circumstances(): { date: string; machine: string } {
  const gibibytes = (totalmem() / 2 ** 30).toFixed(0);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine:
      `${availableParallelism()} cores (${cpus()[0].model}), shared with what makes the load, ${gibibytes} GiB,\n` +
      `Node ${process.version}, load average before the run ${loadavg()[0].toFixed(2)}`,
  };
}

/** The notes that somebody wrote under the last heading of earlier results, to be kept; else the heading alone. */
export function notesOf(previous: string): string {
  return previous.includes(NOTES) ? previous.slice(previous.indexOf(NOTES)).trimEnd() : NOTES;
}

/** Prints results, and writes them to their file over the ones before, whose notes stay. */
export function keepResults(file: URL, results: string): void {
  const notes = notesOf(existsSync(file) ? readFileSync(file, 'utf8') : '');
  const text = `${results.trimEnd()}\n\n${notes}\n`;
  console.log(text);
  writeFileSync(file, text);
}
