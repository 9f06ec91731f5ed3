import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDev } from '../e2e/start-dev.ts';
import { openReference } from '../reference/expected.ts';
import { checkAnswers } from './answers.ts';
import { makeCases } from './cases.ts';
import { checkKills } from './kills.ts';
import { PARTS, readOptions, type Options } from './options.ts';
import { renderResults, type Line } from './report.ts';
import { checkReloads } from './reloads.ts';
import { checkServices } from './services.ts';
import { checkStores } from './stores.ts';
import { checkStop } from './stop.ts';
import { checkWrapper } from './wrapper.ts';

/** `npm run soak`: the example under load for minutes, every answer compared. `--help` shows the options. */
const CONFIG = fileURLToPath(new URL('../../examples/flights/tandem.yaml', import.meta.url));
const REFERENCE = `Each answer is compared with a plain reference that shares no code with Tandem (\`test/reference/\`): predictions within
1e-6, ids, their order, degraded views, named bad instances.`;

const options = readOptions();
if (PARTS.some((part) => part !== 'stores' && part !== 'wrapper' && options.parts.has(part))) {
  const file = new URL('./results.md', import.meta.url);
  await keep(() => soak(options), { title: 'Soak', file, isKept: options.isWhole.others });
}
if (options.parts.has('stores')) {
  console.error('harming stores');
  const file = new URL('./stores.md', import.meta.url);
  await keep(() => checkStores(options), { title: 'Soak of stores', file, isKept: options.isWhole.stores });
}
if (options.parts.has('wrapper')) {
  console.error('harming processes of predictors');
  const file = new URL('./wrapper.md', import.meta.url);
  const compared = 'Each answer is compared with the numbers that its own request must have, to the last bit.';
  const title = 'Soak of the wrapper';
  await keep(() => checkWrapper(options), { title, compared, file, isKept: options.isWhole.wrapper });
}

/** What is kept, as what, and what its answers are compared with. */
interface Kept {
  title: string;
  compared?: string;
  file: URL;
  isKept: boolean;
}

/** Prints what was seen, and writes it down where nothing was made smaller; the exit code says whether all held. */
async function keep(check: () => Promise<Line[]>, { title, compared = REFERENCE, file, isKept }: Kept): Promise<void> {
  const started = performance.now();
  const seen = await check();
  const results = renderResults(seen, {
    title,
    compared,
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    node: process.versions.node,
    seed: options.seed,
    seconds: Math.round((performance.now() - started) / 1000),
  });
  process.stdout.write(results);
  if (isKept) await writeFile(file, results);
  if (seen.some(({ holds }) => !holds)) process.exitCode = 1;
}

/** All parts but those of stores and of the wrapper. */
async function soak(chosen: Options): Promise<Line[]> {
  const { parts, reloads } = chosen;
  const lines: Line[] = [];
  if (parts.has('answers') || parts.has('kills') || parts.has('stop')) lines.push(...(await soakExample(chosen)));
  if (parts.has('reloads')) {
    console.error('reloading');
    lines.push(...(await checkReloads(reloads)));
  }
  if (parts.has('services')) {
    console.error('asking for weather');
    lines.push(...(await checkServices()));
  }
  return lines;
}

/** The parts that ask the example as it is. */
async function soakExample(chosen: Options): Promise<Line[]> {
  const { parts } = chosen;
  const folder = await mkdtemp(join(tmpdir(), 'tandem-soak-'));
  const running = await startDev(CONFIG, folder);
  try {
    console.error('working out what each answer must be');
    const cases = await makeCases(await openReference(), chosen.seed, chosen.answers);
    const url = `${running.http}/v1/models/delay-risk:predict`;
    const lines: Line[] = [];
    if (parts.has('answers')) {
      console.error('comparing answers');
      lines.push(...(await checkAnswers(url, cases, chosen)));
    }
    if (parts.has('kills')) {
      console.error("killing the wrapper's child");
      lines.push(...(await checkKills(url, running, cases, chosen)));
    }
    if (parts.has('stop')) {
      console.error("stopping the wrapper's child");
      lines.push(...(await checkStop(url, running, cases, chosen)));
    }
    return lines;
  } finally {
    await running.stop();
    await rm(folder, { recursive: true });
  }
}
