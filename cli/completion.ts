import { Argument, Command } from 'commander';
import { bashCompletion } from './completion/bash.ts';
import { readWords, type ProgramWords } from './completion/words.ts';
import { fishCompletion } from './completion/fish.ts';
import { zshCompletion } from './completion/zsh.ts';

type Shell = 'bash' | 'zsh' | 'fish';

const SCRIPTS: Readonly<Record<Shell, (words: ProgramWords) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const EXAMPLES = `
Examples:
  $ source <(tandem completion bash)
  $ tandem completion zsh > ~/.zfunc/_tandem
  $ tandem completion fish > ~/.config/fish/completions/tandem.fish

bash: the line belongs into ~/.bashrc. zsh: the folder belongs into $fpath, before compinit.
`;

/** `tandem completion`: made from the tree of commands, so that it knows every flag that `--help` does. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('Print a script that completes commands, flags and files in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell, _flags: object, command: Command) => {
      process.stdout.write(SCRIPTS[shell](readWords(command.parent ?? command)));
    });
}
