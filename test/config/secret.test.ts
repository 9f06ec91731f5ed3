import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig, parseConfig } from '../../config/load.ts';
import { identityOf, Secret } from '../../config/secret.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-secret-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a secret', () => {
  const yaml = (token: string): string => `version: 1\nproject: p\nserver: { admin: { token: ${token} } }\n`;

  test('is read from its file or variable when it is used, without the line break at the end', async () => {
    const at = join(folder, 'tandem.yaml');
    const token = join(folder, 'token.txt');
    await writeFile(at, yaml('secret:file:token.txt'));
    await writeFile(token, 'sixteen-characters\n');
    const { checked } = loadConfig(at, {});
    const secret = checked!.config.server.admin.token!;
    expect(checked!.readSecret(secret)).toBe('sixteen-characters');
    await writeFile(token, 'rotated-since-then');
    expect(checked!.readSecret(secret)).toBe('rotated-since-then');
    expect(JSON.stringify(checked!.config)).toContain('"token":"[hidden]"');
    expect(String(secret)).toBe('[hidden]');

    await writeFile(at, yaml('secret:env:TOKEN'));
    const fromEnvironment = loadConfig(at, { TOKEN: 'from-the-environment' }).checked!;
    expect(fromEnvironment.readSecret(fromEnvironment.config.server.admin.token!)).toBe('from-the-environment');
  });

  test('that cannot be read is an error that names where it would be', async () => {
    const at = join(folder, 'tandem.yaml');
    await writeFile(at, yaml('secret:file:token.txt'));
    await writeFile(join(folder, 'empty.txt'), '\n');
    const read = (): string => {
      const { checked } = loadConfig(at, {});
      return checked!.readSecret(checked!.config.server.admin.token!);
    };
    expect(read).toThrow('`secret:file:token.txt` cannot be read (ENOENT).');
    await writeFile(at, yaml('secret:env:TOKEN'));
    expect(read).toThrow('`secret:env:TOKEN` cannot be read: the variable is not set.');
    await writeFile(at, yaml('secret:file:empty.txt'));
    expect(read).toThrow('`secret:file:empty.txt` is empty.');
  });
});

test('what the environment puts into the path of a service is not told: it may be a key', () => {
  const view = (get: string): string => `version: 1
project: p
inputs: { instance: { id: string } }
services: { prices: { url: http://127.0.0.1:9090 } }
views: { price: { service: prices, get: '${get}', key: { id: instance.id }, fields: { amount: double } } }
models: { sales: { features: [price.amount] } }
`;
  const said = ['prices/{id}?key=${KEY}', '/{idd}?key=${KEY}'].map(
    (get) => parseConfig(view(get), 'tandem.yaml', { KEY: 'sixteen-characters' }).problems[0]?.message,
  );
  expect(said).toEqual(['this is no path: it begins with /', 'this: `{idd}` is no part of the key, which has `id`']);
});

test('two secrets are told apart by where they stand, and what they are is in no JSON', () => {
  const [inClear, other, file, variable] = [
    'sixteen-characters',
    'sixteen-character2',
    'secret:file:a',
    'secret:env:A',
  ].map((text) => Secret.parse(text)!);
  const config = (token: Secret): object => ({ server: { token } });
  const identities = [inClear, other, file, variable].map((secret) => identityOf(config(secret)));
  expect(new Set(identities).size).toBe(4);
  expect(identityOf(config(Secret.parse('sixteen-characters')!))).toBe(identities[0]);
  expect(identities.join()).not.toContain('sixteen');
  expect(JSON.stringify(config(inClear))).toBe('{"server":{"token":"[hidden]"}}');
});
