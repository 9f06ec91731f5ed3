import { relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { TEMPLATES, type Template } from './init/template-files.ts';
import { writeProject, type Project } from './init/write-project.ts';
import { styled } from './terminal.ts';

/** On Linux its installation also fetches CUDA's libraries, hundreds of megabytes from NuGet that nothing here uses. */
const RUNTIME = `${process.platform === 'linux' ? 'ONNXRUNTIME_NODE_INSTALL=skip ' : ''}npm install onnxruntime-node`;

/** `tandem init`: a project that passes `tandem check` and answers in `tandem dev`, small enough to be read whole. */
export function initCommand(): Command {
  return new Command('init')
    .description('Write a small working project: a tandem.yaml, a model, data, a request. Overwrites nothing.')
    .argument('[dir]', 'the folder, made where it is absent', '.')
    .addOption(
      new Option('--template <template>', 'the model: a class in TypeScript, or an ONNX file and no code')
        .choices(TEMPLATES)
        .default('predictor'),
    )
    .addHelpText('after', '\nExamples:\n  $ tandem init shop\n  $ tandem init shop-onnx --template onnx\n')
    .action((dir: string, { template }: { template: Template }) => {
      const folder = resolve(dir);
      const project = writeProject(folder, template);
      process.stdout.write(`${told(relative(process.cwd(), folder), template, project)}\n`);
    });
}

/** Lines to paste, in their order. `below` is the folder as seen from here; empty where it is this one. */
function told(below: string, template: Template, { install }: Project): string {
  const first = [
    ...(below === '' ? [] : [`cd ${quotedForShell(below)}`]),
    ...(install === undefined ? [] : [install]),
    ...(template === 'onnx' ? [RUNTIME] : []),
    'npx tandem check tandem.yaml',
    'npx tandem dev tandem.yaml',
  ];
  const code = template === 'onnx' ? 'model/train.py' : 'predictor.mts';
  return [
    `Made ${below === '' ? 'a project here' : below}: read tandem.yaml and ${code}, and run`,
    '',
    ...commands(first),
    '',
    'While that runs, ask it from another terminal, in the same folder:',
    '',
    ...commands(['curl -s http://127.0.0.1:8080/v1/models/interest:predict -d @request.json']),
    '',
  ].join('\n');
}

function commands(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${styled(process.stdout, 'bold', line)}`);
}

function quotedForShell(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
