import type { CommandWords, FlagWords, ProgramWords, Values } from './words.ts';

/** A script for fish: a line a word, each with its description. Files are offered only where one may stand. */
export function fishCompletion({ name, flags, commands }: ProgramWords): string {
  const complete = `complete -c ${name}`;
  const lines = [
    `# Completion of ${name} for fish: a file in ~/.config/fish/completions`,
    `${complete} -f`,
    ...flags.map((flag) => `${complete} -n __fish_use_subcommand ${flagLine(flag)}`),
    ...commands.flatMap((command) => commandLines(complete, command)),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(complete: string, { name, description, flags, argument }: CommandWords): string[] {
  const within = `${complete} -n '__fish_seen_subcommand_from ${name}'`;
  return [
    `${complete} -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...(argument === undefined || argument === 'text' ? [] : [`${within} ${valuesLine(argument)}`]),
    ...flags.map((flag) => `${within} ${flagLine(flag)}`),
  ];
}

function flagLine({ names, description, values }: FlagWords): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = values === undefined ? [] : ['-r', valuesLine(values)];
  return [...spelled, ...value, '-d', quoted(description)].join(' ');
}

function valuesLine(values: Values): string {
  if (typeof values === 'object') return `-f -a ${quoted(values.join(' '))}`;
  return values === 'file' ? '-F' : '-f';
}

/** In fish's single quotes only a quote and a backslash mean something. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
