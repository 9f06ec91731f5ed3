import { Command, Option } from 'commander';
import { compilePlan } from '../orchestrator/plan/compile-plan.ts';
import { describePlan } from '../orchestrator/plan/describe.ts';
import { drawPlan } from '../orchestrator/plan/mermaid.ts';
import { printPlan } from '../orchestrator/plan/print.ts';
import { loadOrExit } from './load.ts';
import { styled } from './terminal.ts';

interface ExplainFlags {
  json?: boolean;
  mermaid?: boolean;
}

export function explainCommand(): Command {
  return new Command('explain')
    .description('Show the DAG of each model, level by level: what is read where, what it costs, what bounds it.')
    .argument('<file>', 'the YAML')
    .option('--json', 'the same as JSON')
    .addOption(new Option('--mermaid', 'the same as a Mermaid flowchart, for a page or a review').conflicts('json'))
    .addHelpText('after', '\nExample:\n  $ tandem explain examples/flights/tandem.yaml\n')
    .action((file: string, flags: ExplainFlags) => {
      process.stdout.write(explainPlan(file, flags));
    });
}

function explainPlan(file: string, flags: ExplainFlags): string {
  const checked = loadOrExit(file);
  const description = describePlan(compilePlan(checked), checked);
  if (flags.json) return `${JSON.stringify(description, null, 2)}\n`;
  if (flags.mermaid) return drawPlan(description);
  return printPlan(description, (style, text) => styled(process.stdout, style, text));
}
