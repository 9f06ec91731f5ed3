import type { CommandWords, FlagWords, ProgramWords, Values } from './words.ts';

/** A script for zsh, as a file `_tandem` of a folder in `fpath`, or sourced. Descriptions are shown beside the words. */
export function zshCompletion({ name, flags, commands }: ProgramWords): string {
  return `#compdef ${name}
# Completion of ${name} for zsh: a file _${name} in a folder of $fpath, or source <(${name} completion zsh)
_${name}() {
  local -a commands
  commands=(
${commands.map((command) => `    ${quoted(`${command.name}:${command.description}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    if [[ $words[2] == -* ]]; then
      _arguments ${specs(flags).join(' ')}
    else
      _describe command commands
    fi
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi
`;
}

function commandCase({ name, flags, argument }: CommandWords): string {
  const rest = argument === undefined ? [] : [quoted(`*:${name}:${action(argument)}`)];
  return `    ${name}) _arguments ${[...specs(flags), ...rest].join(' ')} ;;`;
}

function specs(flags: readonly FlagWords[]): string[] {
  return flags.flatMap(({ names, description, values }) =>
    names.map((name) => {
      const value = values === undefined ? '' : `:value:${action(values)}`;
      return quoted(`${name}[${description.replaceAll(/[[\]\\:]/g, String.raw`\$&`)}]${value}`);
    }),
  );
}

function action(values: Values): string {
  if (typeof values === 'object') return `(${values.join(' ')})`;
  return values === 'file' ? '_files' : ' ';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
