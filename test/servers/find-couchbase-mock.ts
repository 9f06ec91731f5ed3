import { execFile } from 'node:child_process';
import { access, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const ARTIFACT = 'com.couchbase.mock:CouchbaseMock:1.5.25';
const JAR = 'CouchbaseMock-1.5.25.jar';

let finding: Promise<string> | undefined;

/** Where CouchbaseMock's jar is, which Maven copies there once. Throws, naming the command. */
export function findCouchbaseMock(): Promise<string> {
  return (finding ??= find());
}

async function find(): Promise<string> {
  const kept = join(tmpdir(), 'tandem-couchbase-mock');
  try {
    await run('java', ['-version']);
    if (!(await isThere(join(kept, JAR)))) await copyTo(kept);
    return join(kept, JAR);
  } catch (cause) {
    throw new Error(
      `These tests need Java 17 or later and Maven on the PATH: mvn dependency:copy -Dartifact=${ARTIFACT} -DoutputDirectory=${kept}`,
      { cause },
    );
  }
}

/** Each attempt has a folder of its own; the first that is whole is kept. */
async function copyTo(kept: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-couchbase-mock-'));
  await run('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${folder}`]);
  await rename(folder, kept).catch(() => rm(folder, { recursive: true, force: true }));
  if (!(await isThere(join(kept, JAR)))) throw new Error('Maven copied no CouchbaseMock');
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
