import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { startDev, type Dev } from '../../e2e/start-dev.ts';
import { ensurePython } from '../../python.ts';
import { baseOf, IDS } from './questions.ts';

export const DEADLINE_MS = 500;
/** Of the models that a trouble strikes; of `patient`, which outlives a pause, it is `PATIENT_MS`. */
export const HANG_AFTER_MS = 1000;
const PATIENT_MS = 10_000;
/** What the fallback answers: no right answer is negative. */
export const FALLBACK = -1;

/** How a predictor is hosted. */
export interface Hosting {
  language: 'Python' | 'TypeScript';
  replicas: number;
}

export const MODELS = ['guarded', 'plain', 'patient'] as const;
export type Model = (typeof MODELS)[number];

/** `tandem dev` of a small project over the predictor that does wrong when asked to, in a folder of its own. */
export interface Harmed extends AsyncDisposable {
  folder: string;
  stateDir: string;
  dev: Dev;
}

export interface HarmedOptions extends Hosting {
  /** Inside of the project's folder. Default `state`. */
  stateDir?: string;
  /** Default all. */
  models?: readonly Model[];
}

/** Starts it. `guarded` and `patient` have a fallback, `plain` has none. */
export async function startHarmed(options: HarmedOptions): Promise<Harmed> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'tandem-harm-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const stateDir = join(folder, options.stateDir ?? 'state');
  await mkdir(stateDir);
  await writeFile(join(folder, 'tandem.yaml'), await yamlOf(options));
  const rows = Array.from({ length: IDS }, (_, id) => JSON.stringify({ id, base: baseOf(id) }));
  await writeFile(join(folder, 'items.jsonl'), rows.join('\n'));
  const dev = await startAgain(folder, stateDir);
  stack.defer(() => dev.stop());
  const running = stack.move();
  return { folder, stateDir, dev, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** `tandem dev` in a folder where it ran before. */
export function startAgain(folder: string, stateDir: string): Promise<Dev> {
  // Reached, V8's limit ends a process: without it, it is a share of the machine's memory.
  const environment = { NODE_OPTIONS: '--max-old-space-size=400' };
  return startDev(join(folder, 'tandem.yaml'), stateDir, { cwd: folder, isGroup: true, environment });
}

export function urlOf({ http }: Dev, model: Model): string {
  return `${http}/v1/models/${model}:predict`;
}

async function yamlOf({ language, replicas, models = MODELS }: HarmedOptions): Promise<string> {
  const isPython = language === 'Python';
  const predictor = fileURLToPath(new URL(isPython ? 'predictor.py' : 'predictor.ts', import.meta.url));
  const python = isPython ? { python: await ensurePython() } : {};
  const model = (hangAfterMs: number, hasFallback: boolean): object => ({
    deadline: `${DEADLINE_MS}ms`,
    features: ['item.base', 'twice', 'request.offset'],
    outputs: { value: { from: 'value' }, process: { from: 'process' } },
    ...(hasFallback && { fallback: { cel: `${FALLBACK}.0` } }),
    wrapper: { predictor, ...python, replicas, hangAfter: `${hangAfterMs}ms` },
  });
  const kinds: Record<Model, object> = {
    guarded: model(HANG_AFTER_MS, true),
    plain: model(HANG_AFTER_MS, false),
    patient: model(PATIENT_MS, true),
  };
  return stringify({
    version: 1,
    project: 'harm',
    inputs: { request: { offset: 'double' }, instance: { id: 'int64', x: 'double' } },
    stores: { online: { type: 'lmdb', path: 'rows' } },
    views: { item: { store: 'online', key: { id: 'instance.id' }, fields: { base: 'double' } } },
    onDemand: { twice: { type: 'double', cel: 'instance.x * 2.0' } },
    models: Object.fromEntries(models.map((name) => [name, kinds[name]])),
    dev: { fill: { item: 'items.jsonl' } },
    server: { drain: { timeout: '5s' } },
    telemetry: { logs: { level: 'info' } },
  });
}
