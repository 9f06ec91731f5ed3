import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'lmdb';
import { seededRandom } from '../linear/data.ts';
import { httpAddress, startChild } from '../load/child.ts';
import { startTandem, type Stack } from '../load/stack.ts';
import { predictionsOf, verifyAnswers, type CheckedShots } from '../load/workload.ts';
import { CACHINGS, computedOf, INSTANCES, keyOf, rowOf, valueOf, VIEWS, wideConfig, type Caching } from './layout.ts';

const MODEL = 'wide';
const BODIES = 64;
const SEED = 20_130_613;
const PREDICTOR = fileURLToPath(import.meta.resolve('./predictor.ts'));
const SERVICE = fileURLToPath(import.meta.resolve('./service.ts'));

export interface WideSection {
  shots: CheckedShots;
  stacks: readonly { caching: Caching; stack: Stack }[];
  servicePid: number;
}

/** A Tandem with each of the cachings, over one store's rows and one service; every answer is verified. */
export async function openWide(folder: string): Promise<WideSection> {
  const service = startChild(SERVICE);
  process.env['FEATURES_URL'] = `http://${httpAddress(await service.listening)}`;
  const shots = await wideShots(folder);
  const stacks: { caching: Caching; stack: Stack }[] = [];
  for (const caching of CACHINGS) {
    const stateDir = path.join(folder, caching);
    await fillTables(path.join(stateDir, 'online'));
    const config = path.join(stateDir, 'tandem.yaml');
    await writeFile(config, wideConfig(caching, PREDICTOR));
    const stack = await startTandem(MODEL, config, stateDir);
    await verifyAnswers(stack.name, stack.url, shots);
    stacks.push({ caching, stack });
  }
  return { shots, stacks, servicePid: service.pid };
}

async function fillTables(store: string): Promise<void> {
  await mkdir(store, { recursive: true });
  const rows = open<object, string>({ path: store, encoding: 'json' });
  for (const view of VIEWS.filter(({ isService }) => !isService)) {
    for (let row = 0; row < view.rows; row++) {
      void rows.put(`bench:${view.name}:${keyOf(view, row)}`, rowOf(view, row));
    }
  }
  await rows.flushed;
  await rows.close();
}

/** Bodies of 200 instances of random rows; the right answer of each is the sum of its 120 features. */
async function wideShots(folder: string): Promise<CheckedShots> {
  const random = seededRandom(SEED);
  const pickRows = (): Record<string, number> =>
    Object.fromEntries(VIEWS.map(({ key, rows }) => [key, Math.floor(random() * rows)]));
  const bodies = Array.from({ length: BODIES }, () => Array.from({ length: INSTANCES }, pickRows));
  const texts = bodies.map((instances) =>
    JSON.stringify({
      instances: instances.map((rows) =>
        Object.fromEntries(VIEWS.map((view) => [view.key, keyOf(view, rows[view.key])])),
      ),
    }),
  );
  const expected = bodies.map((instances) => instances.map(sumOf));
  const bodiesFile = path.join(folder, 'wide.jsonl');
  await writeFile(bodiesFile, `${texts.join('\n')}\n`);
  return {
    name: MODEL,
    bodies: texts,
    bodiesFile,
    connections: 16,
    mayFallBack: false,
    check(answer, index) {
      const sums = predictionsOf(answer, INSTANCES);
      const wrong = sums.findIndex((sum, row) => sum !== expected[index][row]);
      if (wrong >= 0) throw new Error(`body ${index}, row ${wrong}: ${sums[wrong]} is not ${expected[index][wrong]}`);
    },
  };
}

function sumOf(rows: Record<string, number>): number {
  const values = Object.fromEntries(
    VIEWS.map((view) => [
      view.name,
      Array.from({ length: view.fields }, (_, field) => valueOf(view, rows[view.key], field)),
    ]),
  );
  return [...Object.values(values).flat(), ...computedOf(values)].reduce((sum, value) => sum + value, 0);
}
