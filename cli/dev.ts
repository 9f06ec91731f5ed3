import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import type { CheckedConfig } from '../config/checked.ts';
import { stopOnSignals } from '../foundation/lifecycle.ts';
import { createLogger, type Logger } from '../foundation/telemetry/logger.ts';
import type { App } from '../orchestrator/app.ts';
import type { Deployment } from '../orchestrator/deployment.ts';
import { DevServices } from './dev-services.ts';
import { DevWrappers } from './dev-wrappers.ts';
import { hostedFiles } from './hosted-files.ts';
import { LiveConfig } from './live-config.ts';
import { loadOrExit } from './load.ts';
import { withServeFlags, type ServeFlags } from './serve.ts';

export function devCommand(): Command {
  return withServeFlags(new Command('dev'))
    .description(
      "Run everything in one terminal: fill empty tables from `dev.fill`, start each model's wrapper, serve; reload what is saved.",
    )
    .argument('<file>', 'the YAML')
    .addHelpText('after', '\nExample:\n  $ tandem dev examples/flights/tandem.yaml --port 0 --admin-port 0\n')
    .action(runDev);
}

async function runDev(file: string, flags: ServeFlags): Promise<void> {
  const services = new DevServices();
  try {
    await services.start(file, flags.file, process.env);
    await runBeside(services, file, flags);
  } catch (error) {
    // What runs would keep the process alive behind its error.
    await services.stop();
    throw error;
  }
}

async function runBeside(services: DevServices, file: string, flags: ServeFlags): Promise<void> {
  const checked = loadOrExit(file, flags.file);
  const logger = createLogger(checked.config.telemetry.logs.level, 'dev');
  const wrappers = new DevWrappers(wrapArguments(file, flags), logger);
  let running = checked;
  let read = checked;
  const live = new LiveConfig(checked, flags.file, (changed) => wrappers.restartFor(changed, running));
  live.watchToo(hostedFiles(checked));
  const { startApp } = await import('../orchestrator/app.ts');
  const app = await startApp({
    checked,
    logger,
    ...flags,
    startsWrappers: true,
    onDrain: () => live.close(),
    load() {
      const loaded = live.load();
      const after = loaded.checked;
      if (!after) return loaded;
      // Before it is applied: that waits for the new models to be ready, and a wrapper that still hosts another file
      // would be sent the columns of this one.
      wrappers.start(after);
      wrappers.follow(read, after, (model) => after.picking.has(model));
      read = after;
      return loaded;
    },
    onReloaded(reloaded) {
      const before = running;
      running = app.deployment.checked;
      wrappers.stopOthers(running);
      wrappers.follow(before, running, (model) => !running.picking.has(model));
      live.told(reloaded, hostedFiles(running));
      if (reloaded.result === 'applied') void fillAgain(app, logger);
    },
  });
  try {
    await fillEmpty(app.deployment, logger);
  } catch (error) {
    // What listens would keep the process alive behind its error.
    await app.drain();
    throw error;
  }
  wrappers.start(checked);
  services.leaveSignals();
  stopOnSignals(async () => {
    await app.drain();
    await Promise.all([wrappers.stop(), services.stop()]);
  }, logger);
  const addresses = Object.fromEntries(services.running.map(({ name, url }) => [name, url]));
  process.stdout.write(`${JSON.stringify({ event: 'listening', ...app.listening, services: addresses })}\n`);
  live.follow(app);
  await app.ready;
  process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`);
  process.stderr.write(tryIt(checked, app.listening.http, services.variables));
}

async function fillEmpty({ checked, stores }: Deployment, logger: Logger): Promise<void> {
  if (Object.keys(checked.config.dev.fill).length === 0) return;
  const { fillStores } = await import('../data/ingest/fill.ts');
  const filled = await fillStores(checked, stores, new AbortController().signal);
  for (const { table, rows } of filled) logger.info({ table, rows }, 'filled');
}

/** A reload may have brought tables that are empty yet. Held, so that a further reload leaves its stores open. */
async function fillAgain(app: App, logger: Logger): Promise<void> {
  const { deployment, release } = app.pin();
  try {
    await fillEmpty(deployment, logger);
  } catch (error) {
    logger.error({ err: error }, 'a table could not be filled');
  } finally {
    release();
  }
}

/** What `tandem wrap` is told, but for the model. */
function wrapArguments(file: string, { file: overlays, stateDir }: ServeFlags): string[] {
  const state = stateDir === undefined ? [] : ['--state-dir', resolve(stateDir)];
  return [file, ...overlays.flatMap((overlay) => ['-f', overlay]), ...state];
}

/** A curl line that works as pasted: with `request.json` beside the YAML where there is one. */
function tryIt(checked: CheckedConfig, http: string, variables: readonly string[]): string {
  const [model] = Object.keys(checked.config.models);
  if (model === undefined) return '';
  const example = join(checked.folder, 'request.json');
  const body = existsSync(example) ? `-d @${relative(process.cwd(), example)}` : `-d '{"instances":[{}]}'`;
  const elsewhere =
    variables.length === 0
      ? ''
      : `For \`tandem batch\` and \`explain --analyze\` in another terminal:\n\n  export ${variables.join(' ')}\n\n`;
  return `\nReady. Try it:\n\n  curl -s http://${http}/v1/models/${model}:predict ${body}\n\n${elsewhere}`;
}
