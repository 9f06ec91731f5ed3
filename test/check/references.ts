import type { Part } from './places.ts';

/**
 * The lines, from 1, on which a text refers to the name that a part defines: what has to be told where the name is
 * changed. Found by the text alone, so that the check is not held against itself. None where nothing refers to it.
 */
export function referencesTo({ path, pattern, data }: Part, text: string): number[] {
  const [own, view] = [String(path.at(-1)), String(path[1])];
  switch (pattern) {
    case 'inputs.request.*':
    case 'inputs.instance.*':
      return linesWith(text, `(?<![\\w.])${path[1]}\\.${own}\\b`);
    case 'stores.*':
      return linesWith(text, `\\bstore: ${own}$`);
    case 'services.*':
      return linesWith(text, `\\bservice: ${own}$|run: \\{ ${own}:`);
    case 'views.*':
      return linesWith(text, `(?<![\\w.$/])${own}\\.\\w+(?!\\w*:)`);
    case 'views.*.fields.*':
      return linesWith(text, `(?<![\\w.$/])${view}\\.${own}\\b|defaults: .*\\b${own}:`);
    case 'views.*.table':
      return linesWith(text, `\\bfill: \\{ ${String(data)}:`);
    case 'views.*.key.*':
      return linesWith(text, `\\{${own}\\}|match: \\{ ${own}:`, [String(path[1])]);
    case 'onDemand.*':
      return linesWith(text, `^ *- ${own}$`);
    default:
      return [];
  }
}

/** The lines that match, comments left out; only those of one view where one is named. */
function linesWith(text: string, expression: string, [view]: readonly string[] = []): number[] {
  const pattern = new RegExp(expression);
  let inside = '';
  return text.split('\n').flatMap((line, index) => {
    inside = /^ {2}(\w+):$/.exec(line)?.[1] ?? inside;
    const isMeant = !/^\s*#/.test(line) && pattern.test(line) && (view === undefined || view === inside);
    return isMeant ? [index + 1] : [];
  });
}
