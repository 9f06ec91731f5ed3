/** What a file of categories gave: the list, or a sentence about what is wrong with it. */
export type ListedCategories = { categories: readonly string[] } | { problem: string };

/**
 * The categories that a file lists, the code of each being its place: a JSON array of strings in a `.json`, else one a
 * line, as it stands there, without the line's end. `name` is what the YAML calls the file.
 */
export function readCategoryText(name: string, text: string): ListedCategories {
  const listed = name.endsWith('.json') ? fromJson(text) : fromLines(text);
  if ('problem' in listed) return { problem: `\`${name}\`: ${listed.problem}` };
  const { categories } = listed;
  if (categories.length === 0) return { problem: `\`${name}\` lists no category` };
  const codes = new Map<string, number>();
  for (const [code, category] of categories.entries()) {
    const first = codes.get(category);
    if (first !== undefined) {
      const problem = `\`${name}\` lists \`${category}\` twice, as the codes ${first} and ${code}: a category has one code`;
      return { problem };
    }
    codes.set(category, code);
  }
  return listed;
}

function fromJson(text: string): ListedCategories {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { problem: 'this is no JSON; write an array of strings, or one category a line in a file that is no .json' };
  }
  if (!Array.isArray(data)) return { problem: 'this is no array; write an array of strings' };
  const at = data.findIndex((item) => typeof item !== 'string');
  if (at < 0) return { categories: data as string[] };
  const item = JSON.stringify(data[at]);
  return { problem: `item ${at} is ${item.length > 40 ? `${item.slice(0, 40)}…` : item}, and a category is a string` };
}

/** An empty line in between is more often a slip than the empty string, which JSON can say. */
function fromLines(text: string): ListedCategories {
  const categories = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (text.trim() === '') return { categories: [] };
  const empty = categories.indexOf('');
  if (empty < 0) return { categories };
  return { problem: `line ${empty + 1} is empty; an empty category can be listed in a .json` };
}
