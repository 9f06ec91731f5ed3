import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../config/load.ts';
import { readPages, ROOT } from './markdown.ts';

const EXAMPLE = join(ROOT, 'examples', 'flights', 'tandem.yaml');
// The snippets of check-rules.md break rules on purpose, and have a test of their own.
const pages = (await readPages()).filter(({ file }) => !file.endsWith('check-rules.md'));
const blocks = pages.flatMap((page) => page.blocks).filter(({ language }) => language === 'yaml');

test.each(blocks.map((block) => [block.place, block] as const))(
  '%s is a configuration, or a part of the example’s, without a problem',
  (_, { text, mark }) => {
    // What a part reads beside it is in the folder that its comment names.
    const [, folder] = /^beside (\S+)$/.exec(mark ?? '') ?? [];
    const file = folder === undefined ? EXAMPLE : join(ROOT, folder, 'tandem.yaml');
    const { checked, problems } = parseConfig(wholeYaml(text), file, { TANDEM_ADMIN_TOKEN: 'sixteen characters' });
    // A part that replaces the example's features leaves some of its views unused.
    expect(problems.filter(({ code }) => !code.startsWith('UNUSED_'))).toEqual([]);
    expect(checked).toBeDefined();
  },
);

/** A block without `version` is a part: its maps are laid over the example's, all else replaces what is there. */
function wholeYaml(text: string): string {
  const part: unknown = parse(text);
  if (isMap(part) && 'version' in part) return text;
  return stringify(overlay(parse(readFileSync(EXAMPLE, 'utf8')), part));
}

function overlay(base: unknown, part: unknown): unknown {
  if (!isMap(base) || !isMap(part)) return part;
  // A store of another type is another store.
  if (typeof base['type'] === 'string' && typeof part['type'] === 'string' && base['type'] !== part['type'])
    return part;
  const merged = { ...base };
  for (const [name, value] of Object.entries(part)) merged[name] = overlay(base[name], value);
  return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
