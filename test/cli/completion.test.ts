import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tandemProgram } from '../../cli/program.ts';
import { tandem } from './tandem.ts';

const run = promisify(execFile);
const SHELLS = ['bash', 'zsh', 'fish'] as const;

let folder: string;
const script = (shell: string): string => join(folder, `completion.${shell}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-completion-'));
  for (const shell of SHELLS) await writeFile(script(shell), (await tandem('completion', shell)).out);
});
afterAll(() => rm(folder, { recursive: true }));

/** What bash offers for the last of these words, as the script sets it. */
async function offered(...words: string[]): Promise<string[]> {
  const ask = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tandem; echo "${COMPREPLY[*]}"';
  const { stdout, stderr } = await run('bash', ['-c', ask, 'bash', script('bash'), ...words]);
  expect(stderr).toBe('');
  return stdout.trim() === '' ? [] : stdout.trim().split(' ');
}

describe('completion in bash', () => {
  it('offers the commands, all of them, and those that begin so', async () => {
    const commands = tandemProgram().commands.map((command) => command.name());
    expect(await offered('tandem', '')).toEqual(expect.arrayContaining(commands));
    expect(await offered('tandem', 'ch')).toEqual(['check']);
  });

  it('offers every flag of every command', async () => {
    for (const command of tandemProgram().commands) {
      const flags = command.options.map(({ long }) => long!);
      expect((await offered('tandem', command.name(), '--')).sort()).toEqual([...flags, '--help'].sort());
    }
  });

  it('offers the words that a flag or an argument takes', async () => {
    expect(await offered('tandem', 'init', 'shop', '--template', '')).toEqual(['predictor', 'onnx']);
    expect(await offered('tandem', 'completion', 'z')).toEqual(['zsh']);
  });

  it('leaves files to readline: after a command, and after a flag that takes one', async () => {
    expect(await offered('tandem', 'check', 'tan')).toEqual([]);
    expect(await offered('tandem', 'serve', '--state-dir', '')).toEqual([]);
    const { stdout } = await run('bash', ['-c', 'source "$1"; complete -p tandem', 'bash', script('bash')]);
    expect(stdout).toBe('complete -o default -F _tandem tandem\n');
  });
});

/** Only bash is everywhere. */
const isThere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

describe.each(SHELLS.filter(isThere))('the script for %s', (shell) => {
  it('is one that the shell reads', async () => {
    await expect(run(shell, ['-n', script(shell)])).resolves.toEqual({ stdout: '', stderr: '' });
  });
});

it.each(SHELLS.filter((shell) => shell === 'fish' && isThere(shell)))(
  '%s offers commands, values and files',
  async () => {
    const ask = async (line: string): Promise<string[]> => {
      const { stdout } = await run('fish', ['-c', `source ${script('fish')}; complete -C '${line}'`], { cwd: folder });
      return stdout
        .trim()
        .split('\n')
        .map((offer) => offer.split('\t')[0]);
    };
    expect(await ask('tandem ch')).toEqual(['check']);
    expect(await ask('tandem init --template ')).toEqual(['onnx', 'predictor']);
    expect(await ask('tandem check completion.z')).toEqual(['completion.zsh']);
  },
);

it('refuses a shell that it does not know, with those that it does', async () => {
  const { exit, out, err } = await tandem('completion', 'tcsh');
  expect({ exit, out }).toEqual({ exit: 2, out: '' });
  expect(err).toContain('Allowed choices are bash, zsh, fish.');
});
