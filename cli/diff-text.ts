import type { Place } from '../config/checked.ts';
import type { Breaks } from '../orchestrator/plan/compare/change.ts';
import { shownPlace } from './shown-place.ts';
import { styled, type Output } from './terminal.ts';

/** A change as `tandem diff --json` has it; its place is in the new file, of what is gone round where it was. */
export interface ToldChange extends Place {
  breaks: Breaks | null;
  /** What it is about: `view plane`, `model delay-risk`, `inputs`. */
  about: string;
  message: string;
  /** Models that read it, in either file. */
  models: string[];
  /** Its keys in the YAML, joined by dots. */
  path: string;
}

const GROUPS: readonly { breaks: Breaks | null; title: string }[] = [
  { breaks: 'callers', title: 'Breaks callers' },
  { breaks: 'model', title: 'Breaks the model: it was trained for other inputs' },
  { breaks: 'rows', title: 'Breaks stored rows: they have to be written again' },
  { breaks: null, title: 'Breaks nothing, and behaves differently' },
];

/** The changes by whom they break, each thing's under its name. */
export function printChanges(changes: readonly ToldChange[], output: Output, folder: string): string {
  if (changes.length === 0) return 'Nothing changes for models and callers.\n';
  const groups = GROUPS.flatMap(({ breaks, title }) => {
    const members = changes.filter((change) => change.breaks === breaks);
    if (members.length === 0) return [];
    const head = styled(output, breaks === null ? 'bold' : ['bold', 'red'], `${title} (${members.length})`);
    return [head, ...printThings(members, output, folder), ''];
  });
  const breaking = changes.filter(({ breaks }) => breaks !== null).length;
  const counted = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  return `${groups.join('\n')}\n${counted}, ${breaking === 0 ? 'none' : breaking} of them breaking.\n`;
}

function printThings(members: readonly ToldChange[], output: Output, folder: string): string[] {
  return [...Map.groupBy(members, ({ about }) => about)].flatMap(([about, changes]) => {
    const { models } = changes[0];
    const readers = models.length === 0 || about.startsWith('model ') ? '' : `, read by ${models.join(', ')}`;
    return [
      `  ${about}${styled(output, 'dim', about === 'inputs' ? '' : readers)}`,
      ...changes.map((change) => `    ${styled(output, 'dim', shownPlace(change, folder))} ${change.message}`),
    ];
  });
}
