import { Command, InvalidArgumentError, Option } from 'commander';
import { AppError } from '../foundation/errors.ts';
import { compilePlan } from '../orchestrator/plan/compile-plan.ts';
import { describePlan } from '../orchestrator/plan/describe.ts';
import { drawPlan } from '../orchestrator/plan/mermaid.ts';
import { printPlan } from '../orchestrator/plan/print.ts';
import type { Paint } from '../orchestrator/plan/text-table.ts';
import { loadOrExit } from './load.ts';
import { styled } from './terminal.ts';

interface ExplainFlags {
  json?: boolean;
  mermaid?: boolean;
  analyze?: boolean;
  request?: string;
  model?: string;
  rows: number;
  stateDir?: string;
}

const paint: Paint = (style, text) => styled(process.stdout, style, text);

export function explainCommand(): Command {
  return new Command('explain')
    .description('Show the DAG of each model, level by level: what is read where, what it costs, what bounds it.')
    .argument('<file>', 'the YAML')
    .option('--json', 'the same as JSON')
    .addOption(new Option('--mermaid', 'the same as a Mermaid flowchart, for a page or a review').conflicts('json'))
    .addOption(new Option('--analyze', 'answer one request, each value and step told').conflicts('mermaid'))
    .option('--request <file>', 'with --analyze: the JSON body of a request, - for standard input')
    .option('--model <model>', 'with --analyze: which model; may be left out where there is only one')
    .option('--rows <count>', 'with --analyze: instances to show', rowCount, 3)
    .option('--state-dir <dir>', 'with --analyze: folder of stores and sockets')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tandem explain examples/flights/tandem.yaml\n' +
        '  $ tandem explain examples/flights/tandem.yaml --analyze --request examples/flights/request.json\n',
    )
    .action(async (file: string, flags: ExplainFlags, command: Command) => {
      if (flags.analyze) process.stdout.write(await analysis(file, flags, command));
      else process.stdout.write(explanation(file, flags));
    });
}

function explanation(file: string, flags: ExplainFlags): string {
  const checked = loadOrExit(file);
  const description = describePlan(compilePlan(checked), checked);
  if (flags.json) return json(description);
  return flags.mermaid ? drawPlan(description) : printPlan(description, paint);
}

async function analysis(file: string, flags: ExplainFlags, command: Command): Promise<string> {
  const { request, model, rows, stateDir } = flags;
  if (request === undefined) command.error("error: option '--analyze' needs '--request <file>'");
  const { analyseRequest } = await import('./analyze.ts');
  const { printAnalysis } = await import('./analysis-text.ts');
  try {
    const analysed = await analyseRequest(loadOrExit(file), { request, model, rows, stateDir });
    return flags.json ? json(analysed) : printAnalysis(analysed, paint);
  } catch (error) {
    if (error instanceof AppError && error.details.length > 1) listDetails(error);
    throw error;
  }
}

/** All that is wrong with a request, before the sentence that sums it up. */
function listDetails({ details }: AppError): void {
  for (const { instance, field, problem } of details) {
    const place = [instance === undefined ? [] : `instances[${instance}]`, field ?? []].flat().join('.');
    process.stderr.write(`${place} ${problem}\n`);
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function rowCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('a whole number from 1.');
  return count;
}
