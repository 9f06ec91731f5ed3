import type { CommandWords, FlagWords, ProgramWords, Values } from './words.ts';

/**
 * A script for bash 3.2 (what macOS has) and later. Where the function offers nothing, `-o default` has readline
 * complete a file, with the quoting that names with spaces need.
 */
export function bashCompletion({ name, flags, commands }: ProgramWords): string {
  const first = [...commands.map((command) => command.name), ...namesOf(flags)];
  return `# Completion of ${name} for bash: source <(${name} completion bash)
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} flags='' arguments=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${first.join(' ')}' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD - 1]}" in
${commands.flatMap(casesOf).join('\n')}
  esac
  if [[ $current == -* ]]; then arguments=$flags; fi
  COMPREPLY=($(compgen -W "$arguments" -- "$current"))
}
complete -o default -F _${name} ${name}
`;
}

/** After a flag that takes a value no flag may follow: its words, or a file. Elsewhere the command's flags and arguments. */
function casesOf({ name, flags, argument }: CommandWords): string[] {
  const valued = flags.filter(({ values }) => values !== undefined);
  const open = valued.filter(({ values }) => listed(values) === '');
  return [
    ...valued
      .filter((flag) => !open.includes(flag))
      .map((flag) => `    ${patterns(name, [flag])}) arguments='${listed(flag.values)}' ;;`),
    ...(open.length > 0 ? [`    ${patterns(name, open)}) ;;`] : []),
    `    '${name} '*) flags='${namesOf(flags).join(' ')}' arguments='${listed(argument)}' ;;`,
  ];
}

function patterns(command: string, flags: readonly FlagWords[]): string {
  return namesOf(flags)
    .map((name) => `'${command} ${name}'`)
    .join(' | ');
}

function namesOf(flags: readonly FlagWords[]): string[] {
  return flags.flatMap(({ names }) => names);
}

function listed(values: Values | undefined): string {
  return typeof values === 'object' ? values.join(' ') : '';
}
