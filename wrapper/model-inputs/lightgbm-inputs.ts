import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { ModelColumn, ModelInputs } from './model-inputs.ts';

/** The last line holds pandas' categories, which are rarely more than a few KB; a model may have gigabytes. */
const TAIL_BYTES = 4 * 1024 ** 2;
/** What LightGBM calls columns that came without names. */
const UNNAMED = /^Column_\d+$/;

/** Whether a file begins as LightGBM's text does (GBDT::SaveModelToString: `tree`, then `version=`). */
export async function isLightgbm(path: string): Promise<boolean> {
  await using file = await open(path);
  if (!(await file.stat()).isFile()) return false;
  const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
  return /^tree\r?\nversion=/.test(buffer.toString('latin1', 0, bytesRead));
}

/**
 * The inputs that a model of LightGBM names in the head of its text: `feature_names`, one a column, and
 * `feature_infos`, `[least:greatest]` of a number, `a:b:c` of a category's codes, `none` of a column without use. What
 * the codes stand for is in the last line, where pandas' own type of categories was trained on.
 */
export async function lightgbmInputs(path: string): Promise<ModelInputs | undefined> {
  const head = await readHead(path);
  const last = head.get('max_feature_idx');
  const width = last === undefined ? undefined : Number(last) + 1;
  const names = head.get('feature_names')?.split(' ') ?? [];
  if (names.every((name) => UNNAMED.test(name))) {
    return width === undefined ? undefined : { width, columns: undefined, isByName: false };
  }
  const infos = head.get('feature_infos')?.split(' ') ?? [];
  const columns = names.map((name, index): ModelColumn => withKind(name, infos[index] ?? 'none'));
  const coded = columns.filter(({ kind }) => kind === 'category');
  const lists = await readCategories(path);
  // Without names of theirs: they are those of the category columns, in order, if there are as many.
  if (lists.length === coded.length) {
    for (const [index, column] of coded.entries()) column.categories = lists[index].map(String);
  }
  return { width: width ?? names.length, columns, isByName: false };
}

function withKind(name: string, info: string): ModelColumn {
  if (info === 'none') return { name };
  return { name, kind: info.startsWith('[') ? 'number' : 'category' };
}

/** The lines `key=value` before the first tree. */
async function readHead(path: string): Promise<Map<string, string>> {
  const head = new Map<string, string>();
  const stream = createReadStream(path, 'utf8');
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    if (line.startsWith('Tree=') || line === 'end of trees') break;
    const equals = line.indexOf('=');
    if (equals > 0) head.set(line.slice(0, equals), line.slice(equals + 1));
  }
  stream.destroy();
  return head;
}

async function readCategories(path: string): Promise<unknown[][]> {
  await using file = await open(path);
  const { size } = await file.stat();
  const start = Math.max(0, size - TAIL_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  // Not `.`, which stops at U+2028 and U+2029: JSON has them as they are.
  const json = /\npandas_categorical:(\[[^\n]*\])\s*$/.exec(buffer.toString('utf8', 0, bytesRead))?.[1];
  return json === undefined ? [] : (JSON.parse(json) as unknown[][]);
}
