import { Command, Option } from 'commander';
import type { CheckedConfig } from '../config/checked.ts';
import type { BatchResult } from '../data/batch/batch.ts';
import { AppError } from '../foundation/errors.ts';
import { createLogger } from '../foundation/telemetry/logger.ts';
import type { Deployment } from '../orchestrator/deployment.ts';
import type { PastRows } from '../orchestrator/features/view-policies.ts';
import { Status, statusOf } from '../orchestrator/plan/column.ts';
import { gathered } from './flag-values.ts';
import { loadOrExit, type OverlayFlags, withOverlays } from './load.ts';
import { startFunctions, type OwnFunctions } from './own-functions.ts';
import { progressBar } from './progress.ts';
import { isReadyWithin, onlyModel } from './the-model.ts';
import { exitTwoOn } from './usage-error.ts';

interface BatchFlags extends OverlayFlags {
  instances: string;
  out: string;
  statuses?: boolean;
  predict?: boolean;
  model?: string;
  drop: string[];
  allowFuture?: boolean;
  stateDir?: string;
}

const now = (): number => performance.now();

/** Nobody waits for a call of a batch; one that takes longer than this never ends. */
const PATIENCE_MS = 60_000;
/** One try of a service, in place of a shorter `timeout`. */
const SERVICE_PATIENCE_MS = 10_000;
/** Rows that each read of the plan keeps decoded, some 20 MB at ten fields. */
const REMEMBERED_ROWS = 50_000;
/** How long `--predict` waits for the model to be loaded. */
const READY_WITHIN_MS = 10_000;

export function batchCommand(): Command {
  return withOverlays(new Command('batch'))
    .description('Make the features (and predictions) of a file of instances, by the same plan as a request.')
    .argument('<file>', 'the YAML')
    .requiredOption('--instances <file>', 'Parquet, CSV, JSONL or Arrow: a row an instance, or a V1 body a line')
    .requiredOption('--out <file>', 'Parquet, CSV or JSONL to write')
    .option('--statuses', "each feature's status beside it, as NAME.status")
    .option('--predict', 'predictions too; the model must be served (`tandem wrap`)')
    .option('--model <model>', 'which model; may be left out where there is only one')
    .addOption(
      new Option('--drop <feature>', 'do without a feature, `view.*` for all of a view; may be given again')
        .default([], 'none')
        .argParser(gathered),
    )
    .option('--allow-future', 'use rows later than the moment that an instance is about')
    .option('--state-dir <dir>', 'folder of stores and sockets')
    .addHelpText(
      'after',
      '\nExample:\n  $ tandem batch examples/flights/tandem.yaml --instances examples/flights/boards.jsonl --out features.parquet\n' +
        '\nColumns are named as the inputs, request inputs as request.NAME; others pass through.\n' +
        'Exits 0, 1 where rows failed (they are listed, their features null) or values could not be read, 2 where the file does not fit the model.\n',
    )
    .action((file: string, flags: BatchFlags) =>
      exitTwoOn(
        async () => {
          const batched = await openAndRun(file, flags);
          report(flags, batched);
          process.exitCode = batched.result.failed > 0 || batched.unread.size > 0 ? 1 : 0;
        },
        (code) => USAGE.has(code),
      ),
    );
}

interface Batched {
  result: BatchResult;
  past: PastRows;
  /** By view: values that are TIMEOUT or ERROR, where there are any. */
  unread: ReadonlyMap<string, number>;
}

/** Nobody waits for a batch: a service that takes its time must not leave holes in a training set. */
function patient(checked: CheckedConfig): CheckedConfig {
  const services = Object.entries(checked.config.services).map(
    ([name, service]) => [name, { ...service, timeout: Math.max(service.timeout, SERVICE_PATIENCE_MS) }] as const,
  );
  return { ...checked, config: { ...checked.config, services: Object.fromEntries(services) } };
}

function unreadValues({ models }: Deployment, name: string): Map<string, number> {
  const unread = new Map<string, number>();
  for (const [view, { total }] of models.get(name)?.valueCounts ?? []) {
    const values = total.reduce((sum, count, state) => sum + (statusOf(state) >= Status.TIMEOUT ? count : 0), 0);
    if (values > 0) unread.set(view, values);
  }
  return unread;
}

const USAGE = new Set(['INVALID_INPUT', 'UNKNOWN_MODEL']);

async function openAndRun(file: string, flags: BatchFlags): Promise<Batched> {
  const checked = patient(loadOrExit(file, flags.file));
  const model = flags.model ?? onlyModel(Object.keys(checked.config.models));
  const functions = await startFunctions(checked, model, flags.file);
  try {
    return await runBeside(functions, checked, model, flags);
  } finally {
    await functions?.stop();
  }
}

async function runBeside(
  functions: OwnFunctions | undefined,
  checked: CheckedConfig,
  model: string,
  flags: BatchFlags,
): Promise<Batched> {
  const logger = createLogger(checked.config.telemetry.logs.level, 'batch');
  const { openDeployment } = await import('../orchestrator/deployment.ts');
  const { createPredict } = await import('../orchestrator/predict/predict.ts');
  const { rememberRows } = await import('../orchestrator/features/remembered-rows.ts');
  const { runBatch } = await import('../data/batch/batch.ts');
  const past: PastRows = { allowFuture: flags.allowFuture ?? false, futureRows: 0, untimedRows: 0 };
  const deployment = await openDeployment(checked, {
    ...(flags.stateDir === undefined ? {} : { stateDir: flags.stateDir }),
    ...(functions && { functionsDir: functions.folder }),
    models: flags.predict ?? false,
    logger,
    now,
    wrapSource: (source) => rememberRows(source, REMEMBERED_ROWS),
    onViewFailure: () => {}, // the deployment logs it, and the row's statuses have it
  });
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  try {
    await functions?.ready(deployment);
    if (flags.predict) await readyInTime(deployment, model);
    const pin = { deployment, release: () => {} };
    const result = await runBatch({
      predict: createPredict(() => pin, { now, past, deadlineMs: PATIENCE_MS }),
      plan: deployment.plan,
      model,
      maxRows: checked.config.limits.instances,
      instances: flags.instances,
      out: flags.out,
      statuses: flags.statuses ?? false,
      predictions: flags.predict ?? false,
      drop: flags.drop,
      clock: { epochMs: Date.now, monotonicMs: now },
      onProgress: progressBar(process.stderr),
      signal: stop.signal,
    });
    return { result, past, unread: unreadValues(deployment, model) };
  } finally {
    process.off('SIGINT', onSignal);
    await deployment.close();
  }
}

async function readyInTime({ models }: Deployment, name: string): Promise<void> {
  const model = models.get(name);
  if (!model) return; // the batch says so
  if (await isReadyWithin(model, READY_WITHIN_MS)) return;
  throw new AppError('NOT_READY', `The model "${name}" is not served: start its wrapper first (tandem wrap).`);
}

function report({ out }: BatchFlags, { result, past, unread }: Batched): void {
  const { rows, calls, failed, listed, fallback, unit } = result;
  for (const { place, code, problem } of listed) process.stderr.write(`${unit} ${place}: ${code} ${problem}\n`);
  const told = [
    ...(failed > 0 ? [`${failed} rows failed`] : []),
    ...(fallback > 0 ? [`${fallback} predictions are the fallback`] : []),
    ...Array.from(unread, ([view, values]) => `${values} values of ${view} could not be read`),
    `FUTURE_ROW ${past.futureRows}`,
    `UNTIMED_ROW ${past.untimedRows}`,
  ];
  process.stdout.write(`${rows} rows of ${calls} calls written to ${out}; ${told.join(', ')}.\n`);
}
