/** A command of a shell block: one or several joined by `&&`, comments taken off. */
export function commandsOf(text: string): string[] {
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => line.replace(/\s+#.*$/, '').split('&&'))
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

/** The words of a command that quotes nothing. */
export function wordsOf(command: string): string[] {
  if (/["'$`|<>;]/.test(command)) throw new Error(`${command}: only plain words are run`);
  return command.split(/\s+/);
}
