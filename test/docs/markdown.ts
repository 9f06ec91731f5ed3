import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced code block. */
export interface Block {
  /** `docs/serving.md:12`: how a test names it. */
  place: string;
  file: string;
  language: string;
  text: string;
  /** The text of an HTML comment on the lines before it, where there is one. */
  mark: string | undefined;
}

export interface Page {
  /** Relative to the repository. */
  file: string;
  text: string;
  blocks: Block[];
}

/** The pages that are for users: the README, the docs, the example. */
export async function readPages(): Promise<Page[]> {
  const docs = (await readdir(join(ROOT, 'docs'))).filter((name) => name.endsWith('.md')).sort();
  const files = ['README.md', ...docs.map((name) => join('docs', name)), join('examples', 'flights', 'README.md')];
  return files.map((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return { file, text, blocks: blocksOf(file, text) };
  });
}

function blocksOf(file: string, text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let mark: string | undefined;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const fence = /^```(\S*)/.exec(line);
    if (fence) {
      const end = lines.indexOf('```', at + 1);
      if (end < 0) throw new Error(`${file}:${at + 1} opens a block that nothing closes`);
      const inside = lines.slice(at + 1, end).join('\n');
      blocks.push({ place: `${file}:${at + 1}`, file, language: fence[1], text: inside, mark });
      at = end;
      mark = undefined;
    } else if (line !== '') mark = /^<!-- (.+) -->$/.exec(line)?.[1];
  }
  return blocks;
}

/** Rows of the table whose head begins with these cells, without the backticks and escapes of its cells. */
export function tableRows(page: Page, ...head: string[]): string[][] {
  const lines = page.text.split('\n');
  const at = lines.findIndex((line) => head.every((cell, column) => cellsOf(line)[column] === cell));
  if (at < 0) throw new Error(`${relative(ROOT, page.file)} has no table with the head ${head.join(' | ')}`);
  const rows = lines.slice(at + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map(cellsOf);
}

function cellsOf(line: string): string[] {
  if (!line.startsWith('|')) return [];
  return line
    .slice(1, line.lastIndexOf('|'))
    .split('|')
    .map((cell) => cell.trim());
}

/** The text of a cell that is one piece of code. */
export function codeOf(cell: string): string {
  return cell.replace(/^`(.*)`$/, '$1');
}
