import type { Argument, Command, Option } from 'commander';

/** What may stand after a flag, or as an argument: one of these words, a file, or a text that only the user knows. */
export type Values = readonly string[] | 'file' | 'text';

export interface FlagWords {
  /** `--json`, and `-V` where there is a short one. */
  names: readonly string[];
  description: string;
  /** Undefined of a flag that takes no value. */
  values: Values | undefined;
}

export interface CommandWords {
  name: string;
  description: string;
  flags: readonly FlagWords[];
  /** What its arguments are; undefined where it has none. */
  argument: Values | undefined;
}

/** All that can be typed after `tandem`. */
export interface ProgramWords {
  name: string;
  flags: readonly FlagWords[];
  commands: readonly CommandWords[];
}

/** Reads the words of a program out of its tree, hidden ones left out, as its `--help` does. */
export function readWords(program: Command): ProgramWords {
  return {
    name: program.name(),
    flags: flagsOf(program),
    commands: program.createHelp().visibleCommands(program).map(commandWords),
  };
}

function commandWords(command: Command): CommandWords {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    description: command.description(),
    flags: flagsOf(command),
    argument: argument && valuesOf(argument.name(), argument.argChoices),
  };
}

function flagsOf(command: Command): FlagWords[] {
  return command.createHelp().visibleOptions(command).map(flagWords);
}

function flagWords({ short, long, description, flags, argChoices, required, optional }: Option): FlagWords {
  const names = [long, short].filter((name) => name !== undefined && name !== null);
  const value = /[<[](\w+)/.exec(flags)?.[1] ?? '';
  return { names, description, values: required || optional ? valuesOf(value, argChoices) : undefined };
}

/** Names that stand for a path in the usage lines. */
const PATHS = new Set(['file', 'dir', 'data', 'old', 'new']);

function valuesOf(name: string, choices: Argument['argChoices']): Values {
  return choices ?? (PATHS.has(name) ? 'file' : 'text');
}
