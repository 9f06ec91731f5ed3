import { dirname, isAbsolute, join } from 'node:path';
import { Command, Option } from 'commander';
import type { CheckedConfig } from '../config/checked.ts';
import type { PartExamination } from '../data/doctor/examination.ts';
import type { Paint } from '../orchestrator/plan/text-table.ts';
import { positiveDuration } from './flag-values.ts';
import { checkedOrExit, withOverlays, type OverlayFlags } from './load.ts';
import { loadUnserved } from './load-unserved.ts';
import { styled } from './terminal.ts';

interface DoctorFlags extends OverlayFlags {
  json?: boolean;
  timeout: number;
  stateDir?: string;
}

const paint: Paint = (style, text) => styled(process.stdout, style, text);

export function doctorCommand(): Command {
  return withOverlays(new Command('doctor'))
    .description('Connect to each store, service and model of a YAML: what is wrong with them, and with the rows?')
    .argument('<file>', 'the YAML')
    .option('--json', 'the same as JSON')
    .addOption(
      new Option('--timeout <duration>', 'how long each step of a part may take')
        .default(5000, '5s')
        .argParser(positiveDuration('a duration such as 500ms or 5s.')),
    )
    .option('--state-dir <dir>', 'folder of stores and sockets')
    .addHelpText(
      'after',
      '\nExample:\n  $ tandem doctor examples/flights/tandem.yaml\n' +
        '\nExits 0, 1 where something is wrong: a part that cannot be reached, rows that do not decode, a setting that\n' +
        'loses rows. Warnings alone are 0. Nothing is written, and no service is called.\n',
    )
    .action(async (file: string, flags: DoctorFlags) => {
      const isSound = await runDoctor(file, flags);
      // A part that was given up may hold a connection open: the end is not left to it.
      process.stdout.write('', () => process.exit(isSound ? 0 : 1));
    });
}

async function runDoctor(file: string, flags: DoctorFlags): Promise<boolean> {
  const checked = checkedOrExit(file, loadUnserved(file, flags.file));
  // Loaded here, not above: `tandem check` and `--help` open no store.
  const { examine } = await import('../data/doctor/examine.ts');
  const { findingsOf } = await import('../data/doctor/examination.ts');
  const { printPart, printVerdict } = await import('./doctor-text.ts');
  const { stateFolder } = await import('../orchestrator/deployment.ts');
  const parts: PartExamination[] = [];
  const examining = examine(checked, {
    stateDir: stateFolder(checked, flags.stateDir),
    timeoutMs: flags.timeout,
    now: () => performance.now(),
    epochMs: Date.now,
    random: Math.random,
    fillCommand: (view) => fillCommand(file, checked, view, flags),
  });
  if (!flags.json) process.stdout.write(`project ${checked.config.project}\n`);
  for await (const part of examining) {
    parts.push(part);
    if (!flags.json) process.stdout.write(`\n${printPart(part, paint)}`);
  }
  const findings = parts.flatMap(findingsOf);
  const isSound = findings.every(({ severity }) => severity !== 'problem');
  const report = { project: checked.config.project, isSound, parts };
  process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : `\n${printVerdict(findings, paint)}`);
  return isSound;
}

/** The command that fills a view's table: with the file of `dev.fill`, where there is one. */
function fillCommand(file: string, { config }: CheckedConfig, view: string, flags: DoctorFlags): string {
  const table = config.views[view].table ?? view;
  const data = config.dev.fill[view] ?? config.dev.fill[table];
  const words = ['tandem', 'ingest', file, '--view', view];
  for (const overlay of flags.file) words.push('-f', overlay);
  if (flags.stateDir !== undefined) words.push('--state-dir', flags.stateDir);
  words.push(data === undefined ? 'DATA' : besideYaml(file, data));
  return words.map(quoted).join(' ');
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /[^\w@%+=:,./-]/.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word;
}

/** A path of the YAML's folder, from here. */
function besideYaml(file: string, data: string): string {
  return isAbsolute(data) ? data : join(dirname(file), data);
}
