import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** What the build and the package are made of. */
const SOURCES = ['cel', 'cli', 'config', 'data', 'foundation', 'orchestrator', 'proto', 'wrapper'];
const FILES = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'CHANGELOG.md', 'LICENSE'];

/** The package as a user has it, in a project of its own. */
export interface InstalledPackage extends AsyncDisposable {
  /** The user's project: `node_modules/tandem-serving` is in it. */
  project: string;
  /** What `npm pack` put in, by its paths. */
  files: string[];
  /** The program that the package's `bin` names. */
  tandem: string;
}

/**
 * Builds a copy of the sources with the repository's own script, packs it and unpacks it where `npm install` would; its
 * dependencies are the repository's, found a folder up.
 */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-package-'));
  const copy = join(folder, 'copy');
  const project = join(folder, 'project');
  const installed = join(project, 'node_modules', 'tandem-serving');
  await mkdir(installed, { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await Promise.all([...SOURCES, ...FILES].map((name) => cp(join(ROOT, name), join(copy, name), { recursive: true })));
  const env = { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}` };
  await run('npm', ['run', 'build'], { cwd: copy, env });
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: copy, env });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  await run('tar', ['-xzf', join(folder, filename), '--strip-components=1', '-C', installed]);
  return {
    project,
    files: files.map(({ path }) => path),
    tandem: join(installed, 'dist', 'cli', 'main.js'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
