import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPages, ROOT } from './markdown.ts';

const pages = await readPages();

describe.each(pages.map((page) => [page.file, page] as const))('%s', (file, { text }) => {
  const prose = text.replaceAll(/^```[^]*?^```$/gm, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);

  test('links to files that exist', () => {
    const missing = targets
      .filter((target) => !/^https?:/.test(target))
      .map((target) => target.split('#', 1)[0])
      .filter((path) => path !== '' && !existsSync(join(ROOT, dirname(file), path)));
    expect(missing).toEqual([]);
  });

  test('links to headings that exist', () => {
    const missing = targets.filter((target) => {
      const [path, heading] = target.split('#', 2);
      if (/^https?:/.test(target) || heading === undefined) return false;
      const wanted = path === '' ? file : join(dirname(file), path);
      return !pages.some((page) => page.file === wanted && headingsOf(page.text).includes(heading));
    });
    expect(missing).toEqual([]);
  });
});

test('every page of docs/ can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const file of reached) {
    const text = pages.find((page) => page.file === file)?.text ?? '';
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)/g)) reached.add(join(dirname(file), target));
  }
  const docs = pages.map(({ file }) => file).filter((file) => file.startsWith('docs/'));
  expect(docs.length).toBeGreaterThan(5);
  expect(docs.filter((file) => !reached.has(file))).toEqual([]);
});

/** Headings as GitHub names their anchors. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
