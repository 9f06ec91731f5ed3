import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/print.ts';

export function checkCommand(): Command {
  return new Command('check')
    .description('Name every problem of a tandem.yaml, each at its place. Runs no user code.')
    .argument('<file>', 'the YAML')
    .option('--json', 'one JSON array of problems on stdout')
    .addHelpText('after', '\nExample:\n  $ tandem check examples/flights/tandem.yaml\n')
    .action((file: string, options: { json?: boolean }) => {
      const { checked, problems } = loadConfig(file, process.env);
      if (options.json) process.stdout.write(`${JSON.stringify(problems, null, 2)}\n`);
      else for (const problem of problems) process.stdout.write(`${formatProblem(problem, process.cwd())}\n`);
      if (checked && !options.json) {
        const { models, views, onDemand } = checked.config;
        process.stdout.write(
          `${file} is in order: ${count(models, 'model')}, ${count(views, 'view')}, ${count(onDemand, 'on-demand feature')}.\n`,
        );
      }
      process.exitCode = checked ? 0 : 1;
    });
}

function count(names: object, what: string): string {
  const { length } = Object.keys(names);
  return `${length} ${what}${length === 1 ? '' : 's'}`;
}
