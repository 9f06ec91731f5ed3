import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDev, type Dev } from '../e2e/start-dev.ts';
import { openReference } from '../reference/expected.ts';
import { checkAnswers } from './answers.ts';
import { makeCases } from './cases.ts';
import { checkKills } from './kills.ts';
import { readOptions, type Options } from './options.ts';
import { renderResults, type Line } from './report.ts';
import { checkReloads } from './reloads.ts';
import { checkStop } from './stop.ts';

/** `npm run soak`: the example under load for minutes, every answer compared. `--help` shows the options. */
const RESULTS = new URL('./results.md', import.meta.url);
const CONFIG = fileURLToPath(new URL('../../examples/flights/tandem.yaml', import.meta.url));

const options = readOptions();
const folder = await mkdtemp(join(tmpdir(), 'tandem-soak-'));
const dev = await startDev(CONFIG, folder);
const started = performance.now();
try {
  const lines = await soak(dev, options);
  await dev.stop();
  console.error('reloading');
  lines.push(...(await checkReloads(options.reloads)));
  const results = renderResults(lines, {
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    node: process.versions.node,
    seed: options.seed,
    seconds: Math.round((performance.now() - started) / 1000),
  });
  process.stdout.write(results);
  if (options.isWhole) await writeFile(RESULTS, results);
  if (lines.some(({ holds }) => !holds)) process.exitCode = 1;
} finally {
  await dev.stop();
  await rm(folder, { recursive: true });
}

async function soak(running: Dev, chosen: Options): Promise<Line[]> {
  console.error('working out what each answer must be');
  const cases = await makeCases(await openReference(), chosen.seed, chosen.answers);
  const url = `${running.http}/v1/models/delay-risk:predict`;
  console.error('comparing answers');
  const answers = await checkAnswers(url, cases, chosen);
  console.error("killing the wrapper's child");
  const kills = await checkKills(url, running, cases, chosen);
  console.error("stopping the wrapper's child");
  return [...answers, ...kills, ...(await checkStop(url, running, cases, chosen))];
}
