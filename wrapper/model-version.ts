import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isLibrary } from '../foundation/predictor-file.ts';

/**
 * What a model is called while no registry names its version: 12 hex digits over the bytes of the predictor's file and
 * of everything under `modelUri`, so that two pods with the same files agree and a changed file shows in every answer.
 */
export async function modelVersion(files: { predictor: string; modelUri: string | undefined }): Promise<string> {
  const hash = createHash('sha256');
  if (!isLibrary(files.predictor)) await addFile(hash, files.predictor);
  if (files.modelUri !== undefined) await addTree(hash, files.modelUri, '');
  return hash.digest('hex').slice(0, 12);
}

async function addTree(hash: Hash, root: string, relativePath: string): Promise<void> {
  const path = join(root, relativePath);
  const found = await stat(path);
  if (found.isFile()) {
    hash.update(`\0${relativePath}\0${found.size}\0`);
    await addFile(hash, path);
  } else if (found.isDirectory()) {
    for (const name of (await readdir(path)).sort()) await addTree(hash, root, join(relativePath, name));
  }
}

async function addFile(hash: Hash, path: string): Promise<void> {
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
}
