import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig } from '../../config/load.ts';
import { differences } from '../../data/copy/compare-rows.ts';
import { findTarget } from '../../data/ingest/target.ts';
import { openStore } from '../../orchestrator/features/store/open-store.ts';
import type { Store } from '../../orchestrator/features/source.ts';
import type { Columns } from '../../orchestrator/plan/column.ts';
import { RedisServer } from '../servers/redis.ts';
import { ensurePython } from '../python.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLE = join(ROOT, 'examples', 'flights');
const PAGE = join(ROOT, 'docs', 'stores.md');
const WRITERS = { 'requirements-spark.txt': 'pyspark', 'requirements-beam.txt': 'apache_beam' };

/** The scripts of docs/stores.md that write rows with tools of others: their rows are those of `tandem ingest`. */
export async function checkWriters(folder: string): Promise<boolean> {
  const checked = loadConfig(join(EXAMPLE, 'tandem.yaml'), {}).checked!;
  const target = findTarget(checked, 'plane');
  const flags = ['--view', 'plane', '--state-dir', folder, join(EXAMPLE, 'data', 'planes.parquet')];
  await run(process.execPath, [join(ROOT, 'cli', 'main.ts'), 'ingest', join(EXAMPLE, 'tandem.yaml'), ...flags]);
  const around = { now: () => performance.now(), random: Math.random };
  const ours = await openStore('online', checked, folder, around);
  let isSame = true;
  for (const [requirements, library] of Object.entries(WRITERS)) {
    await using stack = new AsyncDisposableStack();
    const redis = await RedisServer.start();
    stack.defer(() => redis.stop());
    await runBlock(await ensurePython(new URL(requirements, import.meta.url)), library, redis.url, folder);
    const overlay = loadConfig(join(EXAMPLE, 'tandem.yaml'), { REDIS_URL: redis.url }, [join(EXAMPLE, 'redis.yaml')]);
    const theirs = await openStore('online', overlay.checked!, folder, around);
    stack.defer(() => theirs.close());
    const keys = await keysOf(ours, target.table);
    const [written, found] = [await read(ours, keys), await read(theirs, keys)];
    const wrong = keys.filter(
      (_, at) => differences(target.fields, { block: written, at }, { block: found, at }).length > 0,
    );
    const others = (await keysOf(theirs, target.table)).length - keys.length;
    console.log(
      `${library}: ${keys.length} rows, ${wrong.length} other than by tandem ingest, ${others} more or fewer`,
    );
    if (wrong.length > 0 || others !== 0 || keys.length === 0) isSame = false;
  }
  await ours.close();
  return isSame;

  function read(store: Store, text: string[]): Columns | Promise<Columns> {
    const { signal } = new AbortController();
    return store
      .source(target.table)
      .fetch({ count: text.length, text }, target.fields, { asOfMs: 0, deadlineMs: Infinity, signal });
  }
}

async function keysOf(store: Store, table: string): Promise<string[]> {
  const keys = new Set<string>();
  for await (const page of store.keys!(table, { signal: new AbortController().signal }))
    for (const key of page) keys.add(key);
  return [...keys];
}

/** Runs the page's block that imports the library, from the repository's folder, whose files it reads. */
async function runBlock(python: string, library: string, redisUrl: string, folder: string): Promise<void> {
  const blocks = (await readFile(PAGE, 'utf8')).matchAll(/^```python\n([^]*?)^```$/gm);
  const block = Array.from(blocks, ([, text = '']) => text).find((text) =>
    new RegExp(`^(import|from) ${library}\\b`, 'm').test(text),
  );
  if (block === undefined) throw new Error(`${PAGE} has no block that imports ${library}`);
  const script = join(folder, `write-by-${library}.py`);
  await writeFile(script, block);
  const env = {
    ...process.env,
    REDIS_URL: redisUrl,
    PYSPARK_PYTHON: python,
    PATH: `${dirname(python)}:${process.env['PATH']}`,
  };
  await run(python, [script], { cwd: ROOT, env, maxBuffer: 2 ** 26 });
}
