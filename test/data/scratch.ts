import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDb, sqlText } from '../../data/duckdb.ts';
import { openRowFile } from '../../data/open-file.ts';
import { loadConfig } from '../../config/load.ts';
import type { CheckedConfig } from '../../config/checked.ts';

/** A folder of real files for one test file. The name has what a careless SQL literal would trip over. */
export interface Scratch {
  folder: string;
  path(name: string): string;
  text(name: string, text: string): Promise<string>;
  bytes(name: string, bytes: Uint8Array): Promise<string>;
  parquet(name: string, select: string): Promise<string>;
  config(text: string): Promise<CheckedConfig>;
  remove(): Promise<void>;
}

export async function openScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), "tandem 'data' "));
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    path,
    async text(name, text) {
      await writeFile(path(name), text);
      return path(name);
    },
    async bytes(name, bytes) {
      await writeFile(path(name), bytes);
      return path(name);
    },
    async parquet(name, select) {
      const database = await openDuckDb();
      await database.connection.run(`COPY (${select}) TO ${sqlText(path(name))} (FORMAT parquet)`);
      database.close();
      return path(name);
    },
    async config(text) {
      await writeFile(path('tandem.yaml'), text);
      const { checked, problems } = loadConfig(path('tandem.yaml'), {});
      if (!checked) throw new Error(JSON.stringify(problems));
      return checked;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** All rows of a file as objects, with where each stands. */
export async function readAll(file: string): Promise<{ place: number; row: Record<string, unknown> }[]> {
  const opened = await openRowFile(file);
  const rows: { place: number; row: Record<string, unknown> }[] = [];
  for await (const chunk of opened.chunks()) {
    for (let at = 0; at < chunk.rows; at++) {
      const row = Object.fromEntries(opened.columns.map(({ name }, column) => [name, chunk.cells[column][at]]));
      rows.push({ place: chunk.place(at), row });
    }
  }
  opened.close();
  return rows;
}
