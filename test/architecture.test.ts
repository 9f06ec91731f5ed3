import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

/**
 * Rooms in their order: imports go to the right only, any distance. Rooms of one line do not import each other, but
 * what `ALLOWED` names may.
 */
const ORDER = [
  ['cli'],
  ['orchestrator/app.ts'],
  ['orchestrator/fronts', 'data'],
  ['orchestrator/predict'],
  ['orchestrator/features', 'orchestrator/on-demand', 'orchestrator/matrix', 'orchestrator/model'],
  ['orchestrator/plan'],
  ['config'],
  ['cel'],
  ['foundation'],
];
/** Files that belong to another room than their folder. */
const ADOPTED: Record<string, string> = {
  'orchestrator/deployment.ts': 'orchestrator/predict',
  'orchestrator/deployment': 'orchestrator/predict',
  'orchestrator/observers': 'orchestrator/predict',
};
const ALLOWED = new Set([
  'wrapper → config',
  'wrapper → proto',
  'wrapper → foundation',
  'proto → foundation',
  'orchestrator/model → proto',
]);
/** The one door between the command line and the wrapper. */
const DOORS = new Set(['cli/wrap.ts → wrapper']);
const ROOMS = [...ORDER.flat(), ...Object.keys(ADOPTED), 'wrapper', 'proto'];

interface Import {
  from: string;
  to: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const paths = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return Array.from(paths, ([, path]) => ({ from: file, to: normalize(join(dirname(file), path ?? '')) }));
}

function roomOf(file: string): string {
  const room = ROOMS.filter((each) => file === each || file.startsWith(`${each}/`)).sort(
    (a, b) => b.length - a.length,
  )[0];
  if (room === undefined) throw new Error(`${file} is in no room`);
  return ADOPTED[room] ?? room;
}

const rank = (room: string) => ORDER.findIndex((line) => line.includes(room));

function isAllowed({ from, to }: Import): boolean {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (here === there || ALLOWED.has(`${here} → ${there}`) || DOORS.has(`${from} → ${there}`)) return true;
  return rank(here) >= 0 && rank(there) >= 0 && rank(here) < rank(there);
}

const files = ['cel', 'cli', 'config', 'data', 'foundation', 'orchestrator', 'proto', 'wrapper'].flatMap(sources);

describe('the house', () => {
  it('has imports that go to the right only', () => {
    const all = files.flatMap(importsOf);
    expect(all.length).toBeGreaterThan(200);
    expect(all.filter((each) => !isAllowed(each)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('refuses an arrow that points left, or aside', () => {
    expect(isAllowed({ from: 'config/load.ts', to: 'orchestrator/plan/plan.ts' })).toBe(false);
    expect(isAllowed({ from: 'orchestrator/matrix/matrix.ts', to: 'orchestrator/model/client.ts' })).toBe(false);
    expect(isAllowed({ from: 'cli/serve.ts', to: 'wrapper/server.ts' })).toBe(false);
    expect(isAllowed({ from: 'cli/wrap.ts', to: 'wrapper/server.ts' })).toBe(true);
  });

  it('keeps every file in one screen or few', () => {
    const long = files.filter((file) => readFileSync(join(ROOT, file), 'utf8').split('\n').length > 260);
    expect(long).toEqual([]);
  });

  it('loads heavy optional packages only where they are used', () => {
    const optional = /^import (?!type )[^;]*'(?:onnxruntime-node|@duckdb\/node-api|apache-arrow|couchbase)'/m;
    expect(files.filter((file) => optional.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
  });
});
