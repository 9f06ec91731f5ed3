import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../e2e/serve-project.ts';
import { tandem, type Ran } from './tandem.ts';

const BROKEN = `version: 1
project: p
inputs: { instance: { km: double } }
onDemand:
  far: { type: bool, cel: "instance.km + 100" }
models:
  m: { features: [instance.kn], dedline: 1s }
`;

/** Nobody reads the view: a doubt, no error. */
const DOUBTFUL = `version: 1
project: p
inputs: { instance: { id: string, km: double } }
stores: { online: { type: lmdb } }
views:
  trip: { store: online, key: { id: instance.id }, fields: { late: double } }
models:
  m: { features: [instance.km] }
`;

describe('tandem check', () => {
  it('says what is in a sound file', async () => {
    expect(await tandem('check', 'examples/flights/tandem.yaml')).toEqual({
      exit: 0,
      out: 'examples/flights/tandem.yaml is in order: 1 model, 6 views, 3 on-demand features.\n',
      err: '',
    });
  });

  it('names every problem of a broken one on a line of its own, and counts them beside', async () => {
    await using project = await projectFolder({ 'tandem.yaml': BROKEN });
    const file = join(project.folder, 'tandem.yaml');
    const { exit, out, err } = await tandem('check', file);
    expect(exit).toBe(1);
    const lines = out.trimEnd().split('\n');
    expect(lines).toContain(`${file}:7:33 error UNKNOWN_KEY unknown key \`dedline\`, did you mean \`deadline\`?`);
    for (const line of lines) expect(line).toMatch(/^\/.+:\d+:\d+ (?:error|warning) [A-Z_]+ ./);
    const errors = lines.filter((line) => line.includes(' error ')).length;
    expect(err).toMatch(new RegExp(`^${file}: ${errors} errors?(, \\d+ warnings?)?\\.\n$`));
  });

  it('gives the same as JSON, of which a sound file has an empty list', async () => {
    await using project = await projectFolder({ 'broken.yaml': BROKEN, 'sound.yaml': 'version: 1\nproject: p\n' });
    const [broken, sound] = await Promise.all([
      tandem('check', '--json', join(project.folder, 'broken.yaml')),
      tandem('check', '--json', join(project.folder, 'sound.yaml')),
    ]);
    expect({ ...sound, out: JSON.parse(sound.out) as unknown }).toEqual({ exit: 0, out: [], err: '' });
    expect(broken).toMatchObject({ exit: 1, err: '' });
    const file = join(project.folder, 'broken.yaml');
    expect(JSON.parse(broken.out)).toContainEqual({
      file,
      line: 7,
      column: 33,
      severity: 'error',
      code: 'UNKNOWN_KEY',
      message: 'unknown key `dedline`, did you mean `deadline`?',
    });
  });

  it('gives the same as SARIF, for code hosts', async () => {
    await using project = await projectFolder({ 'tandem.yaml': BROKEN });
    const { exit, out, err } = await tandem('check', '--sarif', join(project.folder, 'tandem.yaml'));
    expect({ exit, err }).toEqual({ exit: 1, err: '' });
    const log = JSON.parse(out) as { version: string; runs: [{ results: { ruleId: string }[] }] };
    expect(log.version).toBe('2.1.0');
    expect(log.runs[0].results.map(({ ruleId }) => ruleId)).toContain('UNKNOWN_KEY');
  });

  it('passes a warning, and with --strict it does not', async () => {
    await using project = await projectFolder({ 'tandem.yaml': DOUBTFUL });
    const file = join(project.folder, 'tandem.yaml');
    const [lenient, strict] = await Promise.all([tandem('check', file), tandem('check', '--strict', file)]);
    expect(lenient.out).toContain(' warning UNUSED_VIEW ');
    expect(lenient).toMatchObject({ exit: 0, err: expect.stringMatching(/: \d warnings?\.\n$/) });
    expect(strict).toEqual({ ...lenient, exit: 1 });
  });

  it('checks a file with what is laid over it', async () => {
    await using project = await projectFolder({
      'tandem.yaml': 'version: 1\nproject: p\n',
      'prod.yaml': 'telemetry: { logs: { level: loud } }\n',
    });
    const { folder } = project;
    const { exit, out } = await tandem('check', join(folder, 'tandem.yaml'), '-f', join(folder, 'prod.yaml'));
    expect({ exit, out }).toEqual({
      exit: 1,
      out: expect.stringContaining(`${join(folder, 'prod.yaml')}:1:29 error WRONG_VALUE `) as string,
    });
  });

  it('refuses flags that do not go together, and durations that are none', async () => {
    const file = 'examples/flights/tandem.yaml';
    const [formats, watch, duration] = await Promise.all([
      tandem('check', file, '--json', '--sarif'),
      tandem('check', file, '--json', '--watch'),
      tandem('check', file, '--load', '--load-timeout', '5'),
    ]);
    expect([formats.exit, watch.exit, duration.exit]).toEqual([2, 2, 2]);
    expect(duration.err).toContain('a duration is a number with its unit');
  });
});

describe('tandem check --watch', () => {
  it('checks again when a file changes, and when what it includes does', async () => {
    await using project = await projectFolder({
      'tandem.yaml': 'version: 1\nproject: p\ninclude: [views.yaml]\n',
      'views.yaml': 'stores: {}\n',
    });
    const { folder } = project;
    const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, 'check', 'tandem.yaml', '--watch'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'exit');
    const told = createInterface(child.stdout)[Symbol.asyncIterator]();
    const watching = createInterface(child.stderr)[Symbol.asyncIterator]();
    const line = async (): Promise<unknown> => (await told.next()).value;
    const untilWatching = async (): Promise<void> => {
      while (!/^watching \d+ files; Ctrl-C ends it$/.test((await watching.next()).value as string));
    };
    try {
      expect(await line()).toContain('tandem.yaml is in order');
      await untilWatching();
      await writeFile(join(folder, 'views.yaml'), 'stores: { online: { type: nothing } }\n');
      expect(await line()).toMatch(/^views\.yaml:1:27 error WRONG_VALUE /);
      await untilWatching();
      // As an editor saves: a new file takes the old one's name.
      await writeFile(join(folder, 'new.yaml'), 'stores: {}\n');
      await rename(join(folder, 'new.yaml'), join(folder, 'views.yaml'));
      expect(await line()).toContain('tandem.yaml is in order');
    } finally {
      child.kill('SIGTERM');
      await exited;
    }
  });
});

it('takes an address that tandem dev would set for a warning, and for an error where nobody sets it', async () => {
  const check = async (dev: string): Promise<Ran> => {
    const yaml = `version: 1\nproject: p\nservices: { weather: { url: '\${WEATHER_URL}' } }\n${dev}\n`;
    await using project = await projectFolder({ 'tandem.yaml': yaml });
    return await tandem('check', join(project.folder, 'tandem.yaml'));
  };
  expect(await check('dev: { run: { weather: node weather.ts } }')).toMatchObject({
    exit: 0,
    out: expect.stringContaining(
      ':3:29 warning ENV_UNSET the environment variable WEATHER_URL is not set: `tandem dev` sets it',
    ) as string,
  });
  expect(await check('')).toMatchObject({ exit: 1, out: expect.stringContaining(' error ENV_UNSET ') as string });
});
