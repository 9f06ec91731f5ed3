import { readParts, type FileParts } from './file-parts.ts';
import type { ModelColumn, ModelInputs } from './model-inputs.ts';

/** The last line holds pandas' categories, which are rarely more than a few KB; a model may have gigabytes. */
const TAIL_BYTES = 4 * 1024 ** 2;
/** The head is a few hundred bytes and the names; it is read in growing parts, and no further than this. */
const HEAD_BYTES = 64 * 1024;
const MAX_HEAD_BYTES = 64 * 1024 ** 2;
/** What LightGBM calls columns that came without names. */
const UNNAMED = /^Column_\d+$/;

/** Whether a file begins as LightGBM's text does (GBDT::SaveModelToString: `tree`, then `version=`). */
export function isLightgbm(path: string): boolean {
  return /^tree\r?\nversion=/.test(readParts(path, (file) => file.read(0, 16).toString('latin1')));
}

/**
 * The inputs that a model of LightGBM names in the head of its text: `feature_names`, one a column, and
 * `feature_infos`, `[least:greatest]` of a number, `a:b:c` of a category's codes, `none` of a column without use. What
 * the codes stand for is in the last line, where pandas' own type of categories was trained on.
 */
export function lightgbmInputs(path: string): ModelInputs | undefined {
  return readParts(path, inputsOf);
}

function inputsOf(file: FileParts): ModelInputs | undefined {
  const head = readHead(file);
  const last = head.get('max_feature_idx');
  const width = last === undefined ? undefined : Number(last) + 1;
  const names = head.get('feature_names')?.split(' ') ?? [];
  if (names.every((name) => UNNAMED.test(name))) {
    return width === undefined ? undefined : { width, columns: undefined, isByName: false };
  }
  const infos = head.get('feature_infos')?.split(' ') ?? [];
  const columns = names.map((name, index): ModelColumn => withKind(name, infos[index] ?? 'none'));
  const coded = columns.filter(({ kind }) => kind === 'category');
  const lists = readCategories(file);
  const inputs: ModelInputs = { width: width ?? names.length, columns, isByName: false };
  // Without names of theirs: they are those of the category columns, in order, if there are as many. A column of one
  // value, or of ordered categories, has a list too, and is no category column.
  if (lists.length !== coded.length) return lists.length === 0 ? inputs : { ...inputs, hasUnplacedLists: true };
  for (const [index, column] of coded.entries()) column.categories = lists[index].map(String);
  return inputs;
}

function withKind(name: string, info: string): ModelColumn {
  if (info === 'none') return { name };
  return { name, kind: info.startsWith('[') ? 'number' : 'category' };
}

/** The lines `key=value` before the first tree. */
function readHead(file: FileParts): Map<string, string> {
  const head = new Map<string, string>();
  for (let length = HEAD_BYTES; ; length *= 4) {
    const bytes = file.read(0, Math.min(length, MAX_HEAD_BYTES));
    const [text = '', isWhole] = bytes.toString('utf8').split(/^(Tree=|end of trees)/m, 2);
    if (isWhole === undefined && bytes.length === length) continue;
    for (const line of text.split(/\r?\n/)) {
      const equals = line.indexOf('=');
      if (equals > 0) head.set(line.slice(0, equals), line.slice(equals + 1));
    }
    return head;
  }
}

function readCategories(file: FileParts): unknown[][] {
  const tail = file.read(Math.max(0, file.size - TAIL_BYTES), file.size).toString('utf8');
  // Not `.`, which stops at U+2028 and U+2029: JSON has them as they are.
  const json = /\npandas_categorical:(\[[^\n]*\])\s*$/.exec(tail)?.[1];
  return json === undefined ? [] : (JSON.parse(json) as unknown[][]);
}
