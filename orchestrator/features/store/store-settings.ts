import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CheckedConfig } from '../../../config/checked.ts';
import type { StoreConfig } from '../../../config/schema.ts';
import { Secret } from '../../../config/secret.ts';
import { AppError } from '../../../foundation/errors.ts';

type Typed<Type extends StoreConfig['type']> = Extract<StoreConfig, { type: Type }>;

/** Who we are to a server, read. */
interface Login {
  username?: string;
  password?: string;
}

/**
 * All that an open store depends on, as JSON: what it is opened with, and what tells whether the open one still serves
 * after a reload. Holds secrets: never to be shown.
 */
export type StoreSettings =
  | { type: 'lmdb'; project: string; path: string; encoding: Typed<'lmdb'>['encoding'] }
  | ({ project: string; sentinel?: Sentinels } & Login & Omit<Typed<'redis'>, keyof Login | 'sentinel'>)
  | ({ project: string; url: string } & Required<Login> & Omit<Typed<'couchbase'>, keyof Login | 'url'>)
  | { type: 'module'; project: string; file: string; options: Typed<'module'>['options'] };

/**
 * Reads what an entry of `stores:` refers to. `stateDir` is the absolute folder in which stores lie that are kept on disk.
 * Throws AppError NOT_READY where a secret or a file cannot be read.
 */
export function readStoreSettings(name: string, checked: CheckedConfig, stateDir: string): StoreSettings {
  const config = checked.config.stores[name];
  const { project } = checked.config;
  switch (config.type) {
    case 'lmdb': {
      const { path = name, encoding } = config;
      return { type: 'lmdb', project, path: resolve(stateDir, path), encoding };
    }
    case 'redis': {
      const { username, password, tls, sentinel, ...rest } = config;
      return {
        ...rest,
        project,
        ...readLogin({ username, password, tls }, checked),
        ...(sentinel && { sentinel: { name: sentinel.name, urls: sentinel.urls, ...readLogin(sentinel, checked) } }),
      };
    }
    case 'couchbase': {
      // The rules of the YAML see to it that they are there.
      const { url, username, password, tls, ...rest } = config;
      return {
        ...rest,
        project,
        url: url!,
        username: checked.readSecret(username!),
        password: checked.readSecret(password!),
        ...(tls === undefined ? {} : { tls: readTls(tls, checked.folder) }),
      };
    }
    case 'module':
      return {
        type: 'module',
        project,
        file: resolve(checked.folder, config.file),
        options: readSecrets(config.options, checked) as typeof config.options,
      };
  }
}

/** Who the sentinels are, and who we are to them. */
interface Sentinels extends Login {
  name: string;
  urls: string[];
  tls?: Tls;
}

interface WrittenLogin {
  username?: Secret | undefined;
  password?: Secret | undefined;
  tls?: Tls | undefined;
}

function readLogin({ username, password, tls }: WrittenLogin, checked: CheckedConfig): Login & { tls?: Tls } {
  return {
    ...(username && { username: checked.readSecret(username) }),
    ...(password && { password: checked.readSecret(password) }),
    ...(tls && { tls: readTls(tls, checked.folder) }),
  };
}

type Tls = NonNullable<Typed<'redis'>['tls']>;

/** The texts of the PEM files: one that was renewed makes another connection, at the next reload. */
function readTls({ authority, certificate, key, serverName }: Tls, folder: string): Tls {
  return {
    ...(authority === undefined ? {} : { authority: readPem(folder, authority) }),
    ...(certificate === undefined ? {} : { certificate: readPem(folder, certificate) }),
    ...(key === undefined ? {} : { key: readPem(folder, key) }),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function readPem(folder: string, path: string): string {
  try {
    return readFileSync(resolve(folder, path), 'utf8');
  } catch (cause) {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new AppError('NOT_READY', `\`${path}\` cannot be read (${code}).`, { cause });
  }
}

/** Any JSON with what its texts refer to. A text that begins as a reference and is none stays as it is. */
function readSecrets(value: unknown, checked: CheckedConfig): unknown {
  if (typeof value === 'string') {
    const secret = Secret.parse(value);
    return secret === undefined ? value : checked.readSecret(secret);
  }
  if (Array.isArray(value)) return value.map((item) => readSecrets(item, checked));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readSecrets(inner, checked)]));
}
