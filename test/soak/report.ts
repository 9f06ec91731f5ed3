/** One line of the results: what was to hold, what was seen, whether it held. */
export interface Line {
  claim: string;
  seen: string;
  holds: boolean;
}

export interface Facts {
  title: string;
  /** What each answer is compared with: a clause. */
  compared: string;
  date: string;
  cores: number;
  node: string;
  seed: number;
  seconds: number;
}

/** The results as they are committed: a list, since a table of such long lines reads badly as text. */
export function renderResults(lines: readonly Line[], facts: Facts): string {
  return [
    `# ${facts.title}`,
    '',
    `\`npm run soak\`, ${facts.date}: ${facts.cores} cores shared by the clients, the orchestrator and the wrapper; Node ${facts.node}; seed ${facts.seed};`,
    `${facts.seconds} s. ${facts.compared}`,
    'A box without a cross is a claim that did not hold.',
    '',
    ...lines.map(({ claim, seen, holds }) => `- [${holds ? 'x' : ' '}] ${claim}: ${seen}`),
    '',
  ].join('\n');
}
