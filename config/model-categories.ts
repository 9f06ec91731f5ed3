import type { ModelColumn } from '../foundation/model-inputs/model-inputs.ts';
import { nameKey } from '../foundation/model-inputs/name-key.ts';
import { didYouMean } from '../foundation/nearest.ts';
import type { NamedColumns } from './model-file.ts';

/** The categories that a model's file has of the column of this name, or a sentence about why it has none. */
export function modelCategories(
  name: string,
  { file, columns }: NamedColumns,
): readonly string[] | { problem: string } {
  const column = columnNamed(name, { columns });
  if (column === undefined) {
    const near = didYouMean(
      name,
      columns.map((each) => each.name),
    );
    return { problem: `\`${name}\` is no input of ${file}${near}` };
  }
  if (column.categories !== undefined) return column.categories;
  const coded = columns.flatMap((each) => (each.categories === undefined ? [] : [`\`${each.name}\``]));
  const others = coded.length === 0 ? '' : ` (of ${coded.join(', ')} it has them)`;
  return { problem: `${whyNone(column, file)}${others}: list them, or name a file` };
}

/** The column of this name, in the letters that any library writes it. */
export function columnNamed(name: string, { columns }: Pick<NamedColumns, 'columns'>): ModelColumn | undefined {
  return columns.find((each) => each.name === name) ?? columns.find((each) => nameKey(each.name) === nameKey(name));
}

function whyNone({ name, kind }: ModelColumn, file: string): string {
  switch (kind) {
    case 'category':
      return `${file} has no list of the categories of \`${name}\`: it was trained on codes, or does not say of which column its lists are`;
    case undefined:
      return `${file} does not say what the categories of \`${name}\` are`;
    case 'number':
    case 'integer':
    case 'bool':
    case 'string':
      return `\`${name}\` is not categorical in ${file}`;
  }
}
