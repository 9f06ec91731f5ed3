import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CheckedConfig } from '../../config/checked.ts';
import { AppError, asAppError } from '../../foundation/errors.ts';
import { parseJsonObject } from '../../foundation/json-object.ts';
import { compileItemKey } from '../features/service/item-key.ts';
import type { Plan } from '../plan/plan.ts';
import type { Call } from '../predict/call.ts';
import { decodeBody } from '../predict/call-body.ts';

/** What a file for warming up may hold: it is read whole, at every start and reload. */
const MAX_FILE_BYTES = 64 * 1024 ** 2;

type WarmUpRequest = Pick<Call, 'request' | 'instances' | 'parameters'> & { line: number };

/** What the files for warming up hold: requests by model, and canonical keys by view. */
export interface WarmUpFiles {
  requests: ReadonlyMap<string, readonly WarmUpRequest[]>;
  keys: ReadonlyMap<string, readonly string[]>;
}

/** Reads them all. Throws AppError with the key of the YAML as its details' field where one cannot be used. */
export function readWarmUpFiles({ config, folder }: CheckedConfig, plan: Plan): WarmUpFiles {
  const requests = Object.entries(config.models).flatMap(([name, { warmup }]) => {
    if (!warmup) return [];
    const field = `models.${name}.warmup.requests`;
    const bodies = readObjects(folder, warmup.requests, field, (object, line) => ({ ...decodeBody(object), line }));
    return [[name, bodies] as const];
  });
  const keys = [...plan.views.values()].flatMap(({ name, key, cache }) => {
    if (cache?.warm === undefined) return [];
    const readKey = compileItemKey(key, Object.fromEntries(key.map(({ part }) => [part, `/${part}`])));
    const field = `views.${name}.cache.warm`;
    const texts = readObjects(folder, cache.warm, field, (object) => {
      const text = readKey(object);
      if (text !== undefined) return text;
      const parts = key.map(({ part, type }) => `${part} (${type})`).join(', ');
      throw new AppError('INVALID_INPUT', `its key must have ${parts}`);
    });
    return [[name, [...new Set(texts)]] as const];
  });
  return { requests: new Map(requests), keys: new Map(keys) };
}

/** The objects of a JSONL file, one a line; empty lines are none. */
function readObjects<T>(
  folder: string,
  file: string,
  field: string,
  read: (object: Record<string, unknown>, line: number) => T,
): T[] {
  const problem = (text: string, cause?: unknown): AppError =>
    new AppError('INVALID_INPUT', `${field}: ${text}`, { cause, details: [{ field, problem: text }] });
  let text: string;
  try {
    const path = resolve(folder, file);
    const found = statSync(path);
    if (!found.isFile()) throw problem(`"${file}" is no file`);
    if (found.size > MAX_FILE_BYTES) throw problem(`"${file}" is larger than 64 MiB`);
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw problem(`"${file}" cannot be read (${(thrown as NodeJS.ErrnoException).code})`, thrown);
  }
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    const object = parseJsonObject(line);
    if (object === undefined) throw problem(`line ${at + 1} of "${file}" is no JSON object`);
    try {
      return [read(object, at + 1)];
    } catch (thrown) {
      throw problem(`line ${at + 1} of "${file}": ${asAppError(thrown).message}`, thrown);
    }
  });
}
