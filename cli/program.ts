import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { AppError } from '../foundation/errors.ts';
import { packageVersion } from '../foundation/package-version.ts';
import { batchCommand } from './batch.ts';
import { checkCommand } from './check.ts';
import { completionCommand } from './completion.ts';
import { copyCommand } from './copy.ts';
import { devCommand } from './dev.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { ingestCommand } from './ingest.ts';
import { initCommand } from './init.ts';
import { serveCommand } from './serve.ts';
import { wrapCommand } from './wrap.ts';

/** The command line as a tree: `--help`, parsing and completion all come out of it. */
export function tandemProgram(): Command {
  const program = new Command('tandem')
    .description('Serve machine-learning models with the features they need.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .showHelpAfterError('(see --help)')
    // Commander takes the colours out again where the output shows none.
    .configureHelp({ styleTitle: (title) => styleText('bold', title, { validateStream: false }) })
    .exitOverride();
  for (const command of [
    initCommand(),
    checkCommand(),
    explainCommand(),
    diffCommand(),
    doctorCommand(),
    ingestCommand(),
    copyCommand(),
    batchCommand(),
    serveCommand(),
    wrapCommand(),
    devCommand(),
    completionCommand(),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
  return program.addHelpText('after', '\nExample:\n  $ tandem init shop\n');
}

/** Runs a command line. Sets the exit code: 2 for wrong usage, 1 for what the user can mend, each with a sentence. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  // `tandem explain … | head` closes the pipe before the end, which is nobody's fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  try {
    await tandemProgram().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (error instanceof AppError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    } else throw error;
  }
}
