import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import * as lmdb from 'lmdb';
import { formatBytes } from '../../../foundation/duration.ts';
import { finding, type Finding } from '../finding.ts';
import type { StoreInspection } from '../source.ts';

/** What lmdb-js has and its types do not say. */
interface LmdbStats {
  mapSize: number;
  entryCount: number;
}
const { version } = lmdb as unknown as { version: Record<'major' | 'minor' | 'patch', number> };

/** What an embedded store takes of its disk. Its map grows with the file, so it bounds nothing. */
export async function inspectLmdb(
  path: string,
  database: lmdb.RootDatabase<unknown, string>,
): Promise<StoreInspection> {
  const [{ size }, { bavail, bsize }] = await Promise.all([stat(join(path, 'data.mdb')), statfs(path)]);
  const { mapSize, entryCount } = database.getStats() as LmdbStats;
  const freeDiskBytes = bavail * bsize;
  return {
    server: { name: 'lmdb', version: `${version.major}.${version.minor}.${version.patch}` },
    facts: { fileBytes: size, mapBytes: mapSize, freeDiskBytes, rowsOfAllTables: entryCount },
    findings: judgeDisk(size, freeDiskBytes),
  };
}

/** A table that is ingested anew is written beside the old one, in one transaction: the file may double. */
export function judgeDisk(fileBytes: number, freeDiskBytes: number): Finding[] {
  if (freeDiskBytes >= fileBytes) return [];
  const message = `the disk has ${formatBytes(freeDiskBytes)} free, less than the file: an ingest of all tables may not fit`;
  return [finding('DISK_NEARLY_FULL', message, 'free some of the disk, or move server.stateDir to a larger one')];
}
