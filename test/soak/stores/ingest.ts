import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { EXAMPLE, type SoakedStore } from './running-store.ts';

const TANDEM = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));
/** Planes that no board asks for: each is some 250 bytes of a store's memory. */
const ROWS = 20_000;
const PLANES = `SELECT 'SOAK' || range AS tailnum, 2004 AS year, 55 AS seats, 'EMBRAER' AS manufacturer, TIMESTAMPTZ '2013-01-01T00:00:00Z' AS _ts FROM range(${ROWS})`;

/** One run of `tandem ingest`. */
export interface Ingested {
  /** What it told, on either stream. */
  told: string;
  wroteAll: boolean;
}

/** Writes 5 MB of rows into a store that the example runs over. Elsewhere it would take none of the cores that answer. */
export async function ingestPlanes({ overlay, environment }: SoakedStore): Promise<Ingested> {
  const args = [TANDEM, 'ingest', join(EXAMPLE, 'tandem.yaml'), '-f', overlay, '--view', 'plane', '--sql', PLANES];
  const child = spawn('nice', ['-n', '19', process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const told = `${stdout}${stderr}`.trim();
  return { told, wroteAll: code === 0 && told.startsWith(`${ROWS} of ${ROWS} rows written.`) };
}
