import { rename, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openLmdbStore } from '../../orchestrator/features/store/lmdb.ts';
import {
  brokenYaml,
  expected,
  FIRST,
  isOtherLayout,
  nextVariant,
  PREDICTOR,
  STORED,
  yamlOf,
  type Instance,
  type Variant,
} from './reloading-project.ts';
import { projectFolder, wrapProject } from './serve-project.ts';
import { startServe, type ServeProcess } from './serve-process.ts';

interface Usage {
  descriptors: number;
  watches: number;
  /** Of the heap, after a full collection. */
  liveHeapMb: number;
}

/** What many clients and many saves of the file gave. */
export interface ReloadReport {
  applied: number;
  refused: number;
  answers: number;
  /** The first few answers that no revision running meanwhile would give, and everything but 200. */
  wrong: string[];
  wrongCount: number;
  /** After the first round of changes and after the last, with the same configuration. */
  usage: { before: Usage; after: Usage };
  opened: { stores: number; models: number; expectedStores: number; expectedModels: number };
  /** Still open at the end: what each revision held has been let go. */
  open: { stores: number; models: number };
  warnings: string[];
}

/** Which revisions may have answered: the last known to run when a request is sent, to the last written when it is answered. */
class Timeline {
  readonly written: Variant[] = [FIRST];
  running = 0;

  isRight(sentRunning: number, instances: readonly Instance[], predictions: readonly number[]): boolean {
    const candidates = this.written.slice(sentRunning);
    return candidates.some((variant) =>
      instances.every((instance, row) => Math.abs(expected(variant, instance) - predictions[row]) < 1e-9),
    );
  }
}

/**
 * `tandem serve` and `tandem wrap` of a project whose file is saved again and again, every second time broken, while
 * clients ask without a pause.
 */
export async function reloadUnderLoad({
  reloads,
  clients,
}: {
  reloads: number;
  clients: number;
}): Promise<ReloadReport> {
  await using stack = new AsyncDisposableStack();
  const { folder } = stack.use(await projectFolder({ 'tandem.yaml': yamlOf(FIRST), 'predictor.js': PREDICTOR }));
  await storeRow(folder);
  const wrapper = await wrapProject(folder);
  stack.defer(() => wrapper.kill());
  const server = await startServe(join(folder, 'tandem.yaml'));
  stack.defer(() => server.stop());
  while ((await server.metric('tandem_model_ready{model="m"}')) !== 1);

  const timeline = new Timeline();
  const report = { answers: 0, wrong: [] as string[], wrongCount: 0 };
  const load = new AbortController();
  const asking = askWithoutPause(server.http, clients, timeline, report, load.signal);
  const counts = { applied: 0, refused: 0, expectedStores: 1, expectedModels: 1 };
  const change = (next?: Variant): Promise<void> => saveNext(server, folder, timeline, counts, next);
  // What is compiled and cached at the first of each kind is there then, and what grows afterwards is a leak.
  const warmUp = Math.min(16, Math.floor(reloads / 2));
  while (counts.applied + counts.refused < warmUp - 2) await change();
  await change(FIRST);
  const before = await usageOf(server);
  while (counts.applied + counts.refused < reloads - 2) await change();
  await change(FIRST);
  const after = await usageOf(server);
  load.abort();
  await asking;
  return {
    ...report,
    applied: counts.applied,
    refused: counts.refused,
    usage: { before, after },
    opened: {
      stores: await server.metric('tandem_connections_opened_total{kind="store"}'),
      models: await server.metric('tandem_connections_opened_total{kind="model"}'),
      expectedStores: counts.expectedStores,
      expectedModels: counts.expectedModels,
    },
    open: {
      stores: await server.metric('tandem_connections_open{kind="store"}'),
      models: await server.metric('tandem_connections_open{kind="model"}'),
    },
    warnings: server.log.split('\n').filter((line) => /Warning/.test(line)),
  };
}

async function storeRow(folder: string): Promise<void> {
  const store = await openLmdbStore({ path: join(folder, '.tandem', 'online'), project: 'p' });
  await store.sink('plane').write([{ key: STORED.id, values: { seats: STORED.seats } }], {
    signal: new AbortController().signal,
  });
  await store.close();
}

interface Counts {
  applied: number;
  refused: number;
  expectedStores: number;
  expectedModels: number;
}

/** A broken file, and then a good one: `next`, or what runs with one thing changed. */
async function saveNext(
  server: ServeProcess,
  folder: string,
  timeline: Timeline,
  counts: Counts,
  given?: Variant,
): Promise<void> {
  const current = timeline.written[timeline.running];
  await saveText(server, folder, brokenYaml(current, counts.refused), /was not taken/);
  counts.refused++;
  const next = given ?? nextVariant(current, counts.applied);
  if (isOtherLayout(current, next)) counts.expectedModels++;
  if (next.hasStore && !current.hasStore) counts.expectedStores++;
  timeline.written.push(next);
  await saveText(server, folder, yamlOf(next), /"msg":"reloaded/);
  timeline.running++;
  counts.applied++;
}

/** As an editor does: written beside it and renamed onto it. */
async function saveText(server: ServeProcess, folder: string, yaml: string, told: RegExp): Promise<void> {
  const logged = server.logged(told);
  await writeFile(join(folder, 'tandem.yaml~'), yaml);
  await rename(join(folder, 'tandem.yaml~'), join(folder, 'tandem.yaml'));
  await logged;
}

/**
 * Once what the last revision held is closed: its calls end when their answers are written. The fewest descriptors of some
 * looks, since those of the connections that look are among them.
 */
async function usageOf(server: ServeProcess): Promise<Usage> {
  while ((await server.metric('tandem_connections_open{kind="model"}')) !== 1);
  const looks: number[] = [];
  while (looks.length < 10) {
    await server.metric('tandem_connections_open{kind="model"}');
    looks.push(server.descriptors());
  }
  return { descriptors: Math.min(...looks), watches: server.watches(), liveHeapMb: await server.liveHeapMb() };
}

async function askWithoutPause(
  at: string,
  clients: number,
  timeline: Timeline,
  report: { answers: number; wrong: string[]; wrongCount: number },
  signal: AbortSignal,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const client = async (_: unknown, number: number): Promise<void> => {
    for (let turn = 0; !signal.aborted; turn++) {
      const instances = [
        { id: 'A', a: number, b: turn % 97 },
        { id: 'Z', a: turn % 89, b: number },
      ];
      const { running } = timeline;
      const { status, body } = await post(agent, at, JSON.stringify({ instances }));
      report.answers++;
      const predictions = status === 200 ? (JSON.parse(body) as { predictions: number[] }).predictions : [];
      if (predictions.length === 2 && timeline.isRight(running, instances, predictions)) continue;
      report.wrongCount++;
      if (report.wrong.length < 5) report.wrong.push(`${status} ${body} for revision ${running}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
}

function post(agent: Agent, at: string, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ status: 0, body: error.message });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(`http://${at}/v1/models/m:predict`, { method: 'POST', agent, headers }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), fail);
    });
    sent.on('error', fail);
    sent.end(body);
  });
}
