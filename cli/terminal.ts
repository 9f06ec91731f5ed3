import { styleText } from 'node:util';
import type { Problem } from '../config/checked.ts';
import { formatProblem } from '../config/print.ts';

/** What a text may look like: the names of `util.styleText`, alone or several. */
export type Style = Parameters<typeof styleText>[0];

/** Where text goes: whether colours are wanted and how wide a line may be is asked of it, not of the process. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

const SEVERITY_STYLES: Readonly<Record<Problem['severity'], Style>> = { error: 'red', warning: 'yellow' };
/** What a terminal is taken for that does not say: some of CI's say 0. */
const DEFAULT_COLUMNS = 80;

/**
 * `text` in a style where `stream` is a terminal that shows colours, else as it is. `NO_COLOR`, `NODE_DISABLE_COLORS`
 * and `FORCE_COLOR` are heeded as Node does.
 */
export function styled(stream: Output, style: Style, text: string): string {
  return styleText(style, text, { stream });
}

/** A problem's line, as `formatProblem` has it: its severity in red or yellow, its code dim. Never wrapped: editors read it. */
export function problemLine(stream: Output, problem: Problem, cwd?: string): string {
  const { severity, code } = problem;
  const told = `${styled(stream, SEVERITY_STYLES[severity], severity)} ${styled(stream, 'dim', code)}`;
  // A function, since a replacement text's `$` would mean something.
  return formatProblem(problem, cwd).replace(`${severity} ${code}`, () => told);
}

/** Columns of the terminal behind `stream`; undefined where there is none, and a line may be as long as it is. */
export function terminalColumns({ isTTY, columns }: Output): number | undefined {
  if (isTTY !== true) return undefined;
  return columns === undefined || columns <= 0 ? DEFAULT_COLUMNS : columns;
}
