import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { CheckedConfig } from '../config/checked.ts';
import { stopOnSignals } from '../foundation/lifecycle.ts';
import { createLogger, type Logger } from '../foundation/telemetry/logger.ts';
import type { App } from '../orchestrator/app.ts';
import { loadOrExit } from './load.ts';
import { withServeFlags, type ServeFlags } from './serve.ts';

export function devCommand(): Command {
  return withServeFlags(new Command('dev'))
    .description(
      "Run everything in one terminal: fill empty tables from `dev.fill`, start each model's wrapper, serve.",
    )
    .argument('<file>', 'the YAML')
    .addHelpText('after', '\nExample:\n  $ tandem dev examples/flights/tandem.yaml --port 0 --admin-port 0\n')
    .action(runDev);
}

async function runDev(file: string, flags: ServeFlags): Promise<void> {
  const checked = loadOrExit(file);
  const logger = createLogger(checked.config.telemetry.logs.level, 'dev');
  const { startApp } = await import('../orchestrator/app.ts');
  const app = await startApp({ checked, logger, ...flags });
  try {
    await fillEmpty(checked, app.deployment.stores, logger);
  } catch (error) {
    // What listens would keep the process alive behind its error.
    await app.drain();
    throw error;
  }
  const wrappers = Object.keys(checked.config.models).map((model) => spawnWrapper(file, model, flags));
  stopOnSignals(async () => {
    await app.drain();
    await Promise.all(wrappers.map(stopWrapper));
  }, logger);
  process.stdout.write(`${JSON.stringify({ event: 'listening', ...app.listening })}\n`);
  await app.ready;
  process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`);
  process.stderr.write(tryIt(checked, app.listening.http));
}

async function fillEmpty(checked: CheckedConfig, stores: App['deployment']['stores'], logger: Logger): Promise<void> {
  if (Object.keys(checked.config.dev.fill).length === 0) return;
  const { fillStores } = await import('../data/ingest/fill.ts');
  const filled = await fillStores(checked, stores, new AbortController().signal);
  for (const { table, rows } of filled) logger.info({ table, rows }, 'filled');
}

/** A wrapper is a process of its own, as in a pod: what a predictor does wrong stays there. */
function spawnWrapper(file: string, model: string, { stateDir }: ServeFlags): ChildProcess {
  const main = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url));
  const state = stateDir === undefined ? [] : ['--state-dir', resolve(stateDir)];
  return spawn(process.execPath, [main, 'wrap', file, '--model', model, ...state], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

async function stopWrapper(wrapper: ChildProcess): Promise<void> {
  if (wrapper.exitCode !== null || wrapper.signalCode !== null) return;
  const exited = new Promise((done) => wrapper.once('exit', done));
  wrapper.kill('SIGTERM');
  await exited;
}

/** A curl line that works as pasted: with `request.json` beside the YAML where there is one. */
function tryIt(checked: CheckedConfig, http: string): string {
  const [model] = Object.keys(checked.config.models);
  if (model === undefined) return '';
  const example = join(checked.folder, 'request.json');
  const body = existsSync(example) ? `-d @${relative(process.cwd(), example)}` : `-d '{"instances":[{}]}'`;
  return `\nReady. Try it:\n\n  curl -s http://${http}/v1/models/${model}:predict ${body}\n\n`;
}
