import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError } from '../foundation/errors.ts';
import type { Environment } from './environment.ts';

type Reference = { from: 'text'; text: string } | { from: 'file'; path: string } | { from: 'env'; name: string };

/** What is kept out of logs, metrics, `explain` and the admin port, wherever a configuration is written. */
const HIDDEN = '[hidden]';

/**
 * A value that authenticates somebody. `secret:file:PATH` (relative to the YAML's folder; one line break at the end is
 * not part of it) and `secret:env:NAME` are read when they are used, so that a rotated secret needs no edit; any other
 * text is the secret itself. Written as JSON or text it is `[hidden]`.
 */
export class Secret {
  readonly #reference: Reference;

  private constructor(reference: Reference) {
    this.#reference = reference;
  }

  /** Undefined for a text that begins as a reference and is none. */
  static parse(text: string): Secret | undefined {
    if (!text.startsWith('secret:')) return new Secret({ from: 'text', text });
    const [, kind, where] = /^secret:(file|env):(.+)$/s.exec(text) ?? [];
    if (kind === 'file' && where !== undefined) return new Secret({ from: 'file', path: where });
    if (kind === 'env' && where !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(where)) {
      return new Secret({ from: 'env', name: where });
    }
    return undefined;
  }

  /** What tells two secrets apart without reading them: the reference, or a digest of a text of the YAML itself. */
  get identity(): string {
    const reference = this.#reference;
    if (reference.from === 'text') return `sha256:${createHash('sha256').update(reference.text).digest('hex')}`;
    return reference.from === 'file' ? `file:${reference.path}` : `env:${reference.name}`;
  }

  /** The text where the YAML itself has it: what a rule can look at without reading anything. */
  get text(): string | undefined {
    return this.#reference.from === 'text' ? this.#reference.text : undefined;
  }

  /** The secret itself. Throws AppError where the file cannot be read or the variable is not set. */
  read(folder: string, environment: Environment): string {
    switch (this.#reference.from) {
      case 'text':
        return this.#reference.text;
      case 'file':
        return readSecretFile(resolve(folder, this.#reference.path), this.#reference.path);
      case 'env': {
        const { name } = this.#reference;
        const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
        if (value === undefined || value === '') {
          throw new AppError('NOT_READY', `\`secret:env:${name}\` cannot be read: the variable is not set.`);
        }
        return value;
      }
    }
  }

  toJSON(): string {
    return HIDDEN;
  }

  toString(): string {
    return HIDDEN;
  }
}

/**
 * A part of a configuration as JSON in which another secret is another text: for comparing and for fingerprints, never
 * to be shown. Order counts, as that of a key's parts does.
 */
export function identityOf(value: unknown): string {
  return JSON.stringify(value, function identify(this: Record<string, unknown>, key: string, plain: unknown) {
    const written = this[key];
    return written instanceof Secret ? written.identity : plain;
  });
}

function readSecretFile(path: string, shown: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new AppError('NOT_READY', `\`secret:file:${shown}\` cannot be read (${code}).`, { cause: error });
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new AppError('NOT_READY', `\`secret:file:${shown}\` is empty.`);
  return secret;
}
