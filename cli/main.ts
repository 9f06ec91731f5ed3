#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { AppError } from '../foundation/errors.ts';
import { packageVersion } from '../foundation/package-version.ts';
import { batchCommand } from './batch.ts';
import { checkCommand } from './check.ts';
import { devCommand } from './dev.ts';
import { explainCommand } from './explain.ts';
import { ingestCommand } from './ingest.ts';
import { serveCommand } from './serve.ts';
import { wrapCommand } from './wrap.ts';

const program = new Command('tandem')
  .description('Serve machine-learning models with the features they need.')
  .version(packageVersion(), '-V, --version', 'print the version')
  .showHelpAfterError('(see --help)')
  .exitOverride();

for (const command of [
  checkCommand(),
  explainCommand(),
  ingestCommand(),
  batchCommand(),
  serveCommand(),
  wrapCommand(),
  devCommand(),
]) {
  program.addCommand(command.exitOverride());
}

// `tandem explain … | head` closes the pipe before the end, which is nobody's fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof AppError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
