import { Command, InvalidArgumentError, Option } from 'commander';
import { mergedYaml } from '../config/merged.ts';
import { AppError } from '../foundation/errors.ts';
import { compilePlan } from '../orchestrator/plan/compile-plan.ts';
import { describePlan, type PlanDescription } from '../orchestrator/plan/describe.ts';
import { drawPlan } from '../orchestrator/plan/mermaid.ts';
import { printPlan } from '../orchestrator/plan/print.ts';
import type { Paint } from '../orchestrator/plan/text-table.ts';
import { checkedOrExit, loadOrExit, withOverlays, type OverlayFlags } from './load.ts';
import { loadUnserved } from './load-unserved.ts';
import { styled } from './terminal.ts';

interface ExplainFlags extends OverlayFlags {
  json?: boolean;
  mermaid?: boolean;
  merged?: boolean;
  analyze?: boolean;
  request?: string;
  model?: string;
  rows: number;
  stateDir?: string;
}

const paint: Paint = (style, text) => styled(process.stdout, style, text);

export function explainCommand(): Command {
  return withOverlays(new Command('explain'))
    .description('Show the DAG of each model, level by level: what is read where, what it costs, what bounds it.')
    .argument('<file>', 'the YAML')
    .option('--json', 'the same as JSON')
    .addOption(new Option('--mermaid', 'the same as a Mermaid flowchart, for a page or a review').conflicts('json'))
    .addOption(
      new Option('--merged', 'one YAML of its includes and overlays, values as written, each with its file').conflicts([
        'json',
        'mermaid',
      ]),
    )
    .addOption(new Option('--analyze', 'answer one request, each value and step told').conflicts(['mermaid', 'merged']))
    .addOption(
      new Option('--request <file>', 'for --analyze: the JSON body of a request, - for standard input').implies({
        analyze: true,
      }),
    )
    .option('--model <model>', 'only this model; --analyze needs it where there are several')
    .option('--rows <count>', 'for --analyze: instances to show', rowCount, 3)
    .option('--state-dir <dir>', 'for --analyze: folder of stores and sockets')
    .addHelpText(
      'after',
      '\nExamples:\n  $ tandem explain examples/flights/tandem.yaml\n' +
        '  $ tandem explain examples/flights/tandem.yaml --analyze --request examples/flights/request.json\n',
    )
    .action(async (file: string, flags: ExplainFlags, command: Command) => {
      if (flags.analyze) process.stdout.write(await analysis(file, flags, command));
      else if (flags.merged) writeMerged(file, flags);
      else process.stdout.write(explanation(file, flags));
    });
}

function explanation(file: string, flags: ExplainFlags): string {
  const checked = checkedOrExit(file, loadUnserved(file, flags.file));
  const description = onlyModel(describePlan(compilePlan(checked), checked), flags.model);
  if (flags.json) return json(description);
  return flags.mermaid ? drawPlan(description) : printPlan(description, paint);
}

function onlyModel(description: PlanDescription, name: string | undefined): PlanDescription {
  if (name === undefined) return description;
  const models = description.models.filter(({ model }) => model === name);
  if (models.length > 0) return { ...description, models };
  const known = description.models.map(({ model }) => model);
  throw new AppError('UNKNOWN_MODEL', `There is no model "${name}": the file has ${known.join(', ')}.`);
}

/** Also of a file that has problems, which then are told: where a value came from is what one asks to mend them. */
function writeMerged(file: string, flags: ExplainFlags): void {
  process.stdout.write(mergedYaml(file, process.env, flags.file, process.cwd()));
  checkedOrExit(file, loadUnserved(file, flags.file));
}

async function analysis(file: string, flags: ExplainFlags, command: Command): Promise<string> {
  const { request, model, rows, stateDir } = flags;
  if (request === undefined) command.error("error: option '--analyze' needs '--request <file>'");
  const { analyseRequest } = await import('./analyze.ts');
  const { printAnalysis } = await import('./analysis-text.ts');
  try {
    const analysed = await analyseRequest(loadOrExit(file, flags.file), { request, model, rows, stateDir });
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
