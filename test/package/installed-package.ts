import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** What the build and the package are made of. */
const SOURCES = ['cel', 'cli', 'config', 'data', 'foundation', 'orchestrator', 'proto', 'templates', 'wrapper'];
const FILES = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'CHANGELOG.md', 'LICENSE'];

/** The package as a user has it, in a project of its own. */
export interface InstalledPackage extends AsyncDisposable {
  /** The user's project, where `npm install` was the only thing done. */
  project: string;
  /** What `npm pack` put in, by its paths. */
  files: string[];
  /** The program that the package's `bin` names. */
  tandem: string;
  /** The environment of a user's shell: nothing of the `npm test` around this is in it. */
  env: NodeJS.ProcessEnv;
}

/**
 * Builds a copy of the sources with the repository's own script, packs it, and installs it into an empty folder as a user
 * does, with Node itself: `npm install TARBALL node@24`. What the repository's own installation left in npm's cache is not
 * fetched again.
 */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tandem-package-')));
  const copy = join(folder, 'copy');
  const project = join(folder, 'project');
  await Promise.all([copy, project].map((each) => mkdir(each)));
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  await Promise.all([...SOURCES, ...FILES].map((name) => cp(join(ROOT, name), join(copy, name), { recursive: true })));
  const env = userEnvironment();
  await run('npm', ['run', 'build'], { cwd: copy, env });
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: copy, env });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...quiet, join(folder, filename), 'node@24'], { cwd: project, env });
  return {
    project,
    files: files.map(({ path }) => path),
    tandem: join(project, 'node_modules', 'tandem-serving', 'dist', 'cli', 'main.js'),
    env,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

function userEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?:package|lifecycle|command|config_local_prefix)|^NODE_OPTIONS$/.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((each) => !each.includes('node_modules'));
  return { ...Object.fromEntries(own), PATH: path.join(delimiter) };
}
