import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../e2e/serve-project.ts';
import { tandem } from './tandem.ts';

const BROKEN = `version: 1
project: p
inputs: { instance: { km: double } }
onDemand:
  far: { type: bool, cel: "instance.km + 100" }
models:
  m: { features: [instance.kn, far], dedline: 1s }
`;

describe('tandem check', () => {
  it('says what is in a sound file', async () => {
    expect(await tandem('check', 'examples/flights/tandem.yaml')).toEqual({
      exit: 0,
      out: 'examples/flights/tandem.yaml is in order: 1 model, 6 views, 3 on-demand features.\n',
      err: '',
    });
  });

  it('names every problem of a broken one at its place, with the name that was meant', async () => {
    await using project = await projectFolder({ 'tandem.yaml': BROKEN });
    const file = join(project.folder, 'tandem.yaml');
    const { exit, out, err } = await tandem('check', file);
    expect({ exit, err }).toEqual({ exit: 1, err: '' });
    expect(out.trimEnd().split('\n')).toEqual([
      `${file}:7:38 error UNKNOWN_KEY unknown key \`dedline\`, did you mean \`deadline\`?`,
    ]);
  });

  it('gives the same as JSON, of which a sound file has an empty list', async () => {
    await using project = await projectFolder({
      'broken.yaml': BROKEN.replace(', dedline: 1s', ''),
      'sound.yaml': 'version: 1\nproject: p\n',
    });
    const [broken, sound] = await Promise.all([
      tandem('check', '--json', join(project.folder, 'broken.yaml')),
      tandem('check', '--json', join(project.folder, 'sound.yaml')),
    ]);
    expect({ ...sound, out: JSON.parse(sound.out) as unknown }).toEqual({ exit: 0, out: [], err: '' });
    expect(broken).toMatchObject({ exit: 1, err: '' });
    const file = join(project.folder, 'broken.yaml');
    expect(JSON.parse(broken.out)).toMatchObject([
      { file, line: 5, severity: 'error', code: 'CEL_TYPE' },
      { file, line: 7, column: 19, severity: 'error' },
    ]);
  });
});
