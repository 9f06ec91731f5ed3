import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { boardsSection } from './boards.ts';
import { linearSection } from './linear/section.ts';
import { stopChildren } from './load/child.ts';
import { ensureWrk } from './load/wrk.ts';
import { isPart, readOptions, type Options } from './options.ts';
import { renderResults, type Measured } from './report.ts';
import { measureSection } from './rounds.ts';

/** `npm run bench`: Tandem beside an echo, the bare stack and the trial, in one run. `--help` shows the options. */
const RESULTS = new URL('./results.md', import.meta.url);

const [first, ...rest] = process.argv.slice(2);
if (isPart(first)) {
  runPart(first, rest);
} else {
  const options = readOptions();
  if (options.loads.length > 0) await measureTables(options);
  for (const part of options.parts) runPart(part, []);
}

/** Each in a process of its own, and to its end before the next begins; what one lacks is no reason to skip the others. */
function runPart(part: string, args: readonly string[]): void {
  const file = fileURLToPath(import.meta.resolve(`./${part}.ts`));
  const { status } = spawnSync(process.execPath, [file, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

async function measureTables(options: Options): Promise<void> {
  const facts = { ...options, date: new Date().toISOString().slice(0, 10), loadBefore: loadavg()[0] };
  await ensureWrk();
  const folder = await mkdtemp(path.join(tmpdir(), 'tandem-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  try {
    const results = renderResults(await measureAll(folder, options), facts, await previousResults());
    console.log(results);
    if (options.isWhole) await writeFile(RESULTS, results);
  } finally {
    await stopChildren();
  }
}

async function measureAll(scratch: string, chosen: Options): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { loads, section } of [
    { loads: ['n1', 'n10', 'n100'] as const, section: linearSection },
    { loads: ['boards'] as const, section: boardsSection },
  ]) {
    if (!loads.some((load) => chosen.loads.includes(load))) continue;
    measured.push(...(await measureSection(await section(scratch, chosen), chosen)));
    await stopChildren();
  }
  return measured;
}

async function previousResults(): Promise<string> {
  return existsSync(RESULTS) ? readFile(RESULTS, 'utf8') : '';
}
