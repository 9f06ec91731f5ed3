import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Certificates in a file of their own, for as long as they are needed. */
export interface AuthorityFile {
  path: string;
  remove(): Promise<void>;
}

/** The client reads certificates from a file alone, and anew with each connection that it makes. */
export async function keepAuthority(pem: string): Promise<AuthorityFile> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-couchbase-'));
  const path = join(folder, 'authority.pem');
  await writeFile(path, pem, { mode: 0o600 });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
