import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { tandemProgram } from '../../cli/program.ts';
import { tandem } from './tandem.ts';

describe('the command line', () => {
  it('lists its commands, on stdout for who asks and on stderr for who wrote none', async () => {
    const [help, none] = await Promise.all([tandem('--help'), tandem()]);
    expect(help).toMatchObject({ exit: 0, err: '' });
    expect(none).toMatchObject({ exit: 2, out: '' });
    const listed = Array.from(help.out.matchAll(/^ {2}(\w+) [[<]/gm), ([, name]) => name);
    expect(listed).toEqual([...tandemProgram().commands.map((command) => command.name()), 'help']);
    expect(none.err).toBe(help.out);
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(await tandem('--version')).toEqual({ exit: 0, out: `${version}\n`, err: '' });
  });

  it.each([
    [['fly'], "unknown command 'fly'"],
    [['check'], "missing required argument 'file'"],
    [['check', 'a.yaml', 'b.yaml'], 'too many arguments'],
    [['explain', '--nope', 'a.yaml'], "unknown option '--nope'"],
    [['serve', 'a.yaml', '--port', '70000'], 'a port is 0 to 65535'],
    [['serve', 'a.yaml', '--port', 'http'], 'a port is 0 to 65535'],
    [['wrap', 'examples/flights/tandem.yaml', '--model', 'x'], 'There is no model "x"'],
  ])('exits 2 for %j', async (args, problem) => {
    const { exit, out, err } = await tandem(...args);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(problem);
    expect(err).not.toContain('    at ');
  });

  it.each([['explain'], ['serve'], ['wrap'], ['dev']])(
    'exits 1 where %s finds a file that is not there',
    async (command) => {
      const { exit, out, err } = await tandem(command, 'missing.yaml');
      expect({ exit, out, err }).toEqual({
        exit: 1,
        out: '',
        err: 'missing.yaml:1:1 error FILE_UNREADABLE there is no such file\nmissing.yaml: 1 error.\n',
      });
    },
  );

  it('does not mind that nobody reads on', async () => {
    const child = spawn(process.execPath, ['cli/main.ts', 'explain', 'examples/flights/tandem.yaml'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    const [err, [exit]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
  });
});
