import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/load.ts';
import { formatProblem } from '../../config/print.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A project of these files, in a folder of its own. */
async function project(name: string, files: Record<string, string>): Promise<string> {
  const at = join(folder, name);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(at, file)), { recursive: true });
    await writeFile(join(at, file), text);
  }
  return at;
}

const BASE = `version: 1
project: shop
include: [views/user.yaml]
inputs: { instance: { user: string, price: double } }
models:
  sales: { features: [instance.price, user.age, twice], deadline: 150ms }
`;
const USER = `stores: { online: { type: lmdb } }
views:
  user: { store: online, key: { id: instance.user }, fields: { age: int64 } }
onDemand:
  twice: { type: double, cel: instance.price * 2.0 }
`;

function problemsOf(at: string, overlays: readonly string[] = []): string[] {
  const { problems } = loadConfig(
    join(at, 'tandem.yaml'),
    {},
    overlays.map((file) => join(at, file)),
  );
  return problems.map((problem) => formatProblem(problem, at));
}

describe('an included file', () => {
  test('shares its stores, views and on-demand features', async () => {
    const at = await project('shared', { 'tandem.yaml': BASE, 'views/user.yaml': USER });
    const { checked, files } = loadConfig(join(at, 'tandem.yaml'), {});
    expect(checked?.features.get('sales')?.map(({ type }) => type)).toEqual(['double', 'int64', 'double']);
    expect(files).toEqual([join(at, 'tandem.yaml'), join(at, 'views/user.yaml')]);
    expect(checked?.place(['views', 'user', 'key'])).toMatchObject({ file: join(at, 'views/user.yaml'), line: 3 });
  });

  test('has its problems told at its own places, behind those of the main file', async () => {
    const at = await project('places', {
      'tandem.yaml': BASE.replace('user.age', 'user.ag'),
      'views/user.yaml': USER.replace('2.0', '2').replace('int64', 'int46, sex: string'),
    });
    expect(problemsOf(at)).toEqual([
      'tandem.yaml:6:39 error UNKNOWN_FEATURE nothing is named `user.ag`',
      'views/user.yaml:3:69 error UNKNOWN_TYPE `views.user.fields.age`: `int46` is not a type, did you mean `int64`?',
      'views/user.yaml:5:48 error CEL_TYPE int and double do not mix; write 2.0',
    ]);
  });

  test('may not define what another file defines: both places are told', async () => {
    const at = await project('twice', {
      'tandem.yaml': `${BASE}views:\n  user: { store: online, key: { id: instance.user }, fields: { age: int64 } }\n`,
      'views/user.yaml': USER,
    });
    const [first] = problemsOf(at);
    expect(first).toBe(
      `views/user.yaml:3:3 error INCLUDE_DUPLICATE \`user\` is defined already, at ${join(at, 'tandem.yaml')}:8:3`,
    );
  });

  test('has nothing but shared parts', async () => {
    const at = await project('keys', { 'tandem.yaml': BASE, 'views/user.yaml': `project: other\n${USER}` });
    expect(problemsOf(at)).toEqual([
      'views/user.yaml:1:1 error INCLUDE_KEY an included file shares `stores`, `services`, `views`, `onDemand`; `project` stands in the main file',
    ]);
  });

  test('that is not there is told where it is named, without an echo of what it would define', async () => {
    const at = await project('absent', { 'tandem.yaml': BASE });
    expect(problemsOf(at)).toEqual([
      'tandem.yaml:3:11 error INCLUDE_UNREADABLE `views/user.yaml`: there is no such file',
    ]);
  });

  test('that cannot be read as YAML is told at its place, and the rest is checked', async () => {
    const at = await project('broken', {
      'tandem.yaml': BASE.replace('150ms', '150'),
      'views/user.yaml': USER.replace('{ id: instance.user }', '{ id: instance.user'),
    });
    expect(problemsOf(at)).toEqual([
      'tandem.yaml:6:67 error WRONG_TYPE `models.sales.deadline`: a duration is a number with its unit: 80ms, 2s, 10m, 24h, 30d; this is 150',
      'views/user.yaml:3:9 error YAML_SYNTAX the `{` is never closed',
    ]);
  });

  test('may include further ones beside it, and none includes itself', async () => {
    const at = await project('nested', {
      'tandem.yaml': BASE,
      'views/user.yaml': `include: [more.yaml]\n${USER}`,
      'views/more.yaml': 'include: [user.yaml, deeper/last.yaml]\nstores: { other: { type: lmdb } }\n',
      'views/deeper/last.yaml': 'include: [../more.yaml]\n',
    });
    expect(problemsOf(at)).toEqual([
      'views/more.yaml:1:11 error INCLUDE_CYCLE `user.yaml` includes itself, directly or through others',
      'views/deeper/last.yaml:1:11 error INCLUDE_CYCLE `../more.yaml` includes itself, directly or through others',
    ]);
  });

  test('that two others share is read once', async () => {
    const at = await project('diamond', {
      'tandem.yaml': BASE.replace('[views/user.yaml]', '[views/user.yaml, views/a.yaml, views/b.yaml]'),
      'views/user.yaml': USER,
      'views/a.yaml': 'include: [user.yaml]\n',
      'views/b.yaml': 'include: [user.yaml]\n',
    });
    expect(problemsOf(at)).toEqual([]);
  });
});

describe('an overlay', () => {
  test('is merged over the file key by key, lists and values replaced', async () => {
    const at = await project('overlay', {
      'tandem.yaml': BASE,
      'views/user.yaml': USER,
      'prod.yaml': 'models: { sales: { deadline: 80ms, features: [user.age] } }\nlimits: { instances: 10 }\n',
      'eu.yaml': 'limits: { instances: 20 }\nviews: { user: { defaults: { age: 30 } } }\n',
    });
    const overlays = [join(at, 'prod.yaml'), join(at, 'eu.yaml')];
    const { checked, problems } = loadConfig(join(at, 'tandem.yaml'), {}, overlays);
    expect(problems).toEqual([]);
    expect(checked?.config.models['sales']).toMatchObject({ deadline: 80, features: [{ name: 'user.age' }] });
    expect(checked?.config.limits.instances).toBe(20);
    expect(checked?.config.views['user']).toMatchObject({ store: 'online', defaults: { age: 30 } });
    expect(checked?.files.slice(-2)).toEqual(overlays);
  });

  test('replaces a store by one of another type as a whole, and merges one of the same', async () => {
    const at = await project('overlay-store', {
      'tandem.yaml': BASE,
      'views/user.yaml': USER.replace('{ type: lmdb }', '{ type: lmdb, path: users }'),
      'redis.yaml': "stores: { online: { type: redis, url: 'redis://127.0.0.1' } }\n",
      'packed.yaml': 'stores: { online: { encoding: packed } }\n',
    });
    const storeOver = (...overlays: string[]): unknown =>
      loadConfig(
        join(at, 'tandem.yaml'),
        {},
        overlays.map((name) => join(at, name)),
      ).checked?.config.stores['online'];
    expect(storeOver('packed.yaml')).toEqual({ type: 'lmdb', path: 'users', encoding: 'packed' });
    expect(storeOver('redis.yaml', 'packed.yaml')).toMatchObject({ type: 'redis', encoding: 'packed' });
    expect(storeOver('redis.yaml')).not.toHaveProperty('path');
  });

  test('has its problems told at its own places', async () => {
    const at = await project('overlay-places', {
      'tandem.yaml': BASE,
      'views/user.yaml': USER,
      'prod.yaml': 'models:\n  sales: { deadlin: 80ms, features: [user.agee] }\n',
    });
    expect(problemsOf(at, ['prod.yaml', 'absent.yaml'])).toEqual([
      'prod.yaml:2:12 error UNKNOWN_KEY unknown key `deadlin`, did you mean `deadline`?',
      'prod.yaml:2:38 error UNKNOWN_FEATURE nothing is named `user.agee`, did you mean `user.age`?',
      'absent.yaml:1:1 error FILE_UNREADABLE there is no such file',
    ]);
  });
});

describe('a file that is merged into another', () => {
  test.each([
    ['a list', '- views\n', '1:1 error WRONG_TYPE the file must be a map, as the one it is merged with'],
    ['a text', 'views\n', '1:1 error WRONG_TYPE the file must be a map, as the one it is merged with'],
  ])('is refused where it is %s', async (_, text, said) => {
    const at = await project('no-map', { 'tandem.yaml': BASE, 'views/user.yaml': USER, 'over.yaml': text });
    expect(problemsOf(at, ['over.yaml'])).toEqual([`over.yaml:${said}`]);
    await writeFile(join(at, 'tandem.yaml'), BASE.replace('views/user.yaml', 'views/user.yaml, over.yaml'));
    expect(problemsOf(at)).toEqual([`over.yaml:${said}`]);
  });

  test('may say nothing', async () => {
    const at = await project('nothing', { 'tandem.yaml': BASE, 'views/user.yaml': USER, 'over.yaml': '# later\n' });
    expect(problemsOf(at, ['over.yaml', 'over.yaml'])).toEqual([]);
  });

  test('has sections that are maps', async () => {
    const at = await project('no-section', {
      'tandem.yaml': BASE.replace('views/user.yaml', 'views/user.yaml, more.yaml'),
      'views/user.yaml': USER,
      'more.yaml': 'stores: [online]\n',
    });
    expect(problemsOf(at)).toEqual(['more.yaml:1:1 error WRONG_TYPE this must be a map, as its section is']);
  });
});

describe('a text that an editor or a shell of Windows wrote', () => {
  test('has its places as editors count them, with a byte order mark and CRLF too', async () => {
    const at = await project('windows', {
      'tandem.yaml': `\uFEFF${BASE.replace('version', 'verson').replaceAll('\n', '\r\n')}`,
      'views/user.yaml': `\uFEFF${USER.replace('int64', 'int46').replaceAll('\n', '\r\n')}`,
    });
    expect(problemsOf(at)).toEqual([
      'tandem.yaml:1:1 error UNKNOWN_KEY unknown key `verson`, did you mean `version`?',
      'views/user.yaml:3:69 error UNKNOWN_TYPE `views.user.fields.age`: `int46` is not a type, did you mean `int64`?',
    ]);
  });

  test('is told from UTF-16', async () => {
    const at = await project('utf-16', { 'tandem.yaml': BASE });
    await mkdir(join(at, 'views'));
    await writeFile(join(at, 'views/user.yaml'), Buffer.from(`\uFEFF${USER}`, 'utf16le'));
    expect(problemsOf(at)).toEqual([
      'tandem.yaml:3:11 error INCLUDE_UNREADABLE `views/user.yaml`: this is no text in UTF-8; save it as such',
    ]);
  });
});
