import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { ROOT } from './markdown.ts';
import type { RunningExample } from './running-example.ts';
import { wordsOf } from './shell.ts';

const run = promisify(execFile);
const TANDEM = join(ROOT, 'cli', 'main.ts');
const { scripts, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  peerDependencies: Record<string, string>;
};

/** Runs or checks one command of a page as far as a test may; rejects where it is wrong, or of a kind that is not known. */
export async function checkCommand(command: string, example: RunningExample): Promise<void> {
  const words = wordsOf(command);
  const [program, ...rest] = words;
  const tandem = tandemArguments(words);
  if (tandem) return runTandem(tandem, example);
  if (program === 'curl') return runCurl(rest, example);
  if (program === 'npm') return checkNpm(command, rest);
  if (program === 'npx' && rest[0] === 'node') return untilSaid([...rest.slice(1), '--port', '0'], 'listening');
  // The environment of Python takes minutes to install: that its scripts are there is all that is asked here.
  if (program.startsWith('.venv/bin/') || program.startsWith('python3')) return failUnlessThere(rest);
  throw new Error(`${command}: no check knows this program`);
}

/** What follows `tandem`, in either of its two spellings. */
function tandemArguments(words: readonly string[]): string[] | undefined {
  if (words[0] === 'tandem') return words.slice(1);
  const at = words.indexOf('--');
  return words[0] === 'npm' && words[1] === 'run' && words.slice(0, at).includes('tandem')
    ? words.slice(at + 1)
    : undefined;
}

async function runTandem(given: readonly string[], example: RunningExample): Promise<void> {
  const { stateDir, outDir, environment: env } = example;
  const [command] = given;
  switch (command) {
    case 'check':
      await run(process.execPath, [TANDEM, ...given], { cwd: ROOT });
      return;
    case 'doctor': // the example is well
    case 'explain':
      await run(process.execPath, [TANDEM, ...given, '--state-dir', stateDir], { cwd: ROOT, env });
      return;
    case 'diff':
      // 3: the two differ in what breaks somebody, which is what the page shows.
      await run(process.execPath, [TANDEM, ...given], { cwd: ROOT }).catch((error: { code?: unknown }) => {
        if (error.code !== 3) throw error;
      });
      return;
    case 'ingest':
    case 'copy':
      await run(process.execPath, [TANDEM, ...given, '--state-dir', join(outDir, 'ingested')], { cwd: ROOT });
      return;
    case 'batch': {
      const args = withValue(given, '--out', (file) => join(outDir, basename(file)));
      // What prepare.py makes is not committed: the boards stand in for it.
      const filled = withValue(args, '--instances', (file) =>
        file.includes('/.cache/') ? 'examples/flights/boards.jsonl' : file,
      );
      await run(process.execPath, [TANDEM, ...filled, '--state-dir', stateDir], { cwd: ROOT, env });
      return;
    }
    case 'serve':
      return untilSaid(
        [TANDEM, ...given, '--port', '0', '--admin-port', '0', '--state-dir', join(outDir, 's')],
        'listening',
      );
    case 'wrap':
      return untilSaid([TANDEM, ...given, '--state-dir', join(outDir, 'w')], 'loaded');
    default:
      throw new Error(`tandem ${command}: no check knows this command`);
  }
}

function withValue(words: readonly string[], flag: string, change: (value: string) => string): string[] {
  return words.map((word, at) => (words[at - 1] === flag ? change(word) : word));
}

/** Runs a script that does not end by itself until it says `event`, and holds it to a clean end. */
async function untilSaid(args: readonly string[], event: string): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  for await (const line of createInterface(child.stdout)) {
    if ((JSON.parse(line) as { event: string }).event === event) child.kill('SIGTERM');
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
}

async function runCurl(args: readonly string[], { http, admin }: RunningExample): Promise<void> {
  const there = args.map((word) => word.replace('127.0.0.1:8080', http).replace('127.0.0.1:8082', admin));
  await run('curl', ['--fail', ...there], { cwd: ROOT });
}

function checkNpm(command: string, [verb, name]: readonly string[]): void {
  const isKnown =
    verb === 'ci' ||
    (verb === 'install' && peerDependencies[name] !== undefined) ||
    (verb === 'run' && scripts[name] !== undefined) ||
    scripts[verb] !== undefined;
  if (!isKnown) throw new Error(`${command}: package.json knows nothing of it`);
}

function failUnlessThere(words: readonly string[]): void {
  const missing = words.filter((word) => /\.(?:py|txt)$/.test(word) && !existsSync(join(ROOT, word)));
  if (missing.length > 0) throw new Error(`${missing.join(', ')}: not in the repository`);
}
