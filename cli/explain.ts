import { Command } from 'commander';
import { compilePlan } from '../orchestrator/plan/compile-plan.ts';
import { describePlan, printPlan } from '../orchestrator/plan/describe.ts';
import { loadOrExit } from './load.ts';

export function explainCommand(): Command {
  return new Command('explain')
    .description('Show the DAG of each model, level by level: what is read where, by which key and policy.')
    .argument('<file>', 'the YAML')
    .option('--json', 'the same as JSON')
    .addHelpText('after', '\nExample:\n  $ tandem explain examples/flights/tandem.yaml\n')
    .action((file: string, options: { json?: boolean }) => {
      const checked = loadOrExit(file);
      const description = describePlan(compilePlan(checked), checked);
      process.stdout.write(options.json ? `${JSON.stringify(description, null, 2)}\n` : printPlan(description));
    });
}
