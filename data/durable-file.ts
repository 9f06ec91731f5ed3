import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a text into the place of a file: who reads it, and who comes after a crash at any moment, meets the old one or
 * the new one, whole. Resolves when the new one is on the disk.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const partial = `${file}.partial`;
  const handle = await open(partial, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, file);
  await syncFolder(dirname(file));
}

/** The name is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
