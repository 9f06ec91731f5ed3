import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../config/load.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

/** A configuration that breaks one rule, and what `tandem check` is expected to say of it. */
export interface Fixture {
  /** `CODE`, `CODE-2`, …: the file's name without its ending, or the folder's. */
  name: string;
  /** The rule that it breaks. */
  code: string;
  /** `[FILE:]LINE:COLUMN SEVERITY CODE`, all problems in their order. */
  expected: string[];
  /** The file as it is checked. */
  file: string;
  /** Files merged over it, from comments `# overlay FILE`. */
  overlays: string[];
}

/**
 * The fixtures of this folder: files `CODE.yaml`, and folders `CODE/` round a `tandem.yaml` for what takes several
 * files. Each begins with a comment `# expect [FILE:]LINE:COLUMN SEVERITY CODE` for every problem that it has.
 */
export function readFixtures(): Fixture[] {
  const names = readdirSync(FOLDER).filter((name) => /^[A-Z_]+(-\d+)?(\.yaml)?$/.test(name));
  return names.map((name) => {
    const path = join(FOLDER, name);
    const file = statSync(path).isDirectory() ? join(path, 'tandem.yaml') : path;
    const text = readFileSync(file, 'utf8');
    const heads = (word: string): string[] =>
      Array.from(text.matchAll(new RegExp(`^# ${word} (.+)$`, 'gm')), ([, rest = '']) => rest);
    const bare = name.replace('.yaml', '');
    return {
      name: bare,
      code: bare.replace(/-\d+$/, ''),
      expected: heads('expect'),
      file,
      overlays: heads('overlay').map((overlay) => join(dirname(file), overlay)),
    };
  });
}

/** What `tandem check` says of a fixture, in the words of its comments. */
export function problemsOf({ file, overlays }: Fixture): string[] {
  return loadConfig(file, {}, overlays).problems.map(({ file: found, line, column, severity, code }) => {
    const shown = found === file ? '' : `${relative(dirname(file), found)}:`;
    return `${shown}${line}:${column} ${severity} ${code}`;
  });
}
