import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tandemProgram } from '../../cli/program.ts';
import { openWeather } from '../../examples/flights/weather.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'cli', 'main.ts');
/** Those that do not end by themselves are held to their first line, and to a clean end. */
const RUNS_ON = /^tandem (?:serve|wrap|dev) | --watch\b/;
const KEEPS_STATE = /^tandem (?:serve|wrap|dev|doctor|ingest|copy|batch) | --analyze\b/;

let folder: string;
let environment: NodeJS.ProcessEnv;
let weather: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-help-'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'tandem'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  await chmod(join(bin, 'tandem'), 0o755);
  for (const shell of ['.zfunc', '.config/fish/completions']) await mkdir(join(folder, shell), { recursive: true });
  await symlink(join(ROOT, 'examples'), join(folder, 'examples'));
  weather = await openWeather(0); // what the examples' batch reads
  environment = {
    ...process.env,
    WEATHER_URL: `http://127.0.0.1:${(weather.address() as AddressInfo).port}`,
    HOME: folder,
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/tandem'),
  };
  // The project that examples are about where they are not about the repository's.
  await promisify(execFile)(process.execPath, [MAIN, 'init', '.'], { cwd: folder });
});
afterAll(async () => {
  weather.close();
  weather.closeAllConnections();
  await rm(folder, { recursive: true });
});

/** What `--help` of a command prints, or of the program itself. */
function helpOf(name: string): string {
  const program = tandemProgram();
  const command = program.commands.find((each) => each.name() === name) ?? program;
  let help = '';
  command.configureOutput({ writeOut: (out) => void (help += out) }).outputHelp();
  return help;
}

/** Runs a line as one pastes it, in bash; stops what runs on once it has said something. */
async function paste(line: string): Promise<{ exit: number | null; err: string }> {
  const state = KEEPS_STATE.test(line) ? ` --state-dir "${folder}/s"` : '';
  const exec = RUNS_ON.test(line) ? 'exec ' : '';
  const child = spawn('bash', ['-c', exec + line + state], {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  if (exec !== '') child.stdout.once('data', () => child.kill('SIGTERM'));
  child.stdout.resume();
  const [err, [exit]] = await Promise.all([text(child.stderr), exited]);
  return { exit, err };
}

const names = tandemProgram().commands.map((command) => command.name());

describe.each(['', ...names])('tandem %s --help', (name) => {
  const help = helpOf(name);
  const examples = Array.from(help.matchAll(/^ {2}\$ (.+)$/gm), ([, line]) => line);

  it('begins as one types it, and has examples of it', () => {
    const typed = `tandem ${name}`.trim();
    expect(help).toMatch(new RegExp(`^Usage: ${typed} `));
    expect(help).toMatch(new RegExp(`\\nExamples?:\\n  \\$ .*${typed} `));
  });

  it.each(examples)('%s', async (line) => {
    await rm(join(folder, 'shop'), { recursive: true, force: true });
    const { exit, err } = await paste(line);
    // 3: there is a difference that breaks something; 1: no wrapper runs here, which is what doctor is for.
    const isWell = exit === 0 || (name === 'diff' && exit === 3) || (name === 'doctor' && exit === 1);
    expect({ exit, isWell, err: isWell ? '' : err }).toEqual({ exit, isWell: true, err: '' });
  });
});
