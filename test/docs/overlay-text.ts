/**
 * A part of a YAML laid over a whole one as text, since the part may be no YAML: its top-level keys replace those of
 * the base, or where both have entries in lines of their own, its entries replace those of the same name.
 */
export function overlayText(base: string, part: string): string {
  const whole = blocksOf(base, /^(?=\S)/m);
  for (const [key, block] of blocksOf(part, /^(?=\S)/m)) {
    const own = whole.get(key);
    whole.set(key, own !== undefined && isOpener(own) && isOpener(block) ? overlayEntries(own, block) : block);
  }
  return [...whole.values()].join('');
}

function overlayEntries(base: string, part: string): string {
  const entries = blocksOf(base, /^(?= {0,2}\S)/m);
  for (const [key, entry] of blocksOf(part, /^(?= {0,2}\S)/m)) entries.set(key, entry);
  return [...entries.values()].join('');
}

/** Whether the first line is only a key. */
function isOpener(block: string): boolean {
  return /^\w+:\n./.test(block);
}

/** Blocks of lines by the key that each begins with. */
function blocksOf(text: string, border: RegExp): Map<string, string> {
  const blocks = text.split(border).filter((block) => block.trim() !== '');
  return new Map(blocks.map((block) => [block.split(':', 1)[0] ?? '', block.endsWith('\n') ? block : `${block}\n`]));
}
