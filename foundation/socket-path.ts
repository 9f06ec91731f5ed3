import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const UNIX = 'unix:';

/** Bytes that fit `sun_path` before its closing NUL (unix(7); BSD and macOS have four fewer). */
export const MAX_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * Where the Unix socket of `address` is; undefined when the address is `host:port`. Both processes compute it from the
 * same two texts: `unix:NAME.sock` is inside `stateDir` (absolute), `unix:/absolute.sock` is as written, and a path
 * that the kernel would cut is named by its hash in the temp folder instead.
 */
export function socketPath(address: string, stateDir: string): string | undefined {
  const name = pathOfTarget(address)?.replace(/^\/\/(?=\/)/, '');
  if (name === undefined) return undefined;
  return fitting(isAbsolute(name) ? name : join(stateDir, name));
}

function fitting(path: string): string {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path;
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 24);
  return join(tmpdir(), `tandem-${hash}.sock`);
}

/** The path of a Unix socket that a target names; undefined where it is `host:port`. */
export function pathOfTarget(target: string): string | undefined {
  return target.startsWith(UNIX) ? target.slice(UNIX.length) : undefined;
}

/** The second socket of a wrapper on this target, for frames; none on `host:port`, or where the kernel would cut its path. */
export function framesPath(target: string): string | undefined {
  const path = pathOfTarget(target);
  if (path === undefined) return undefined;
  const beside = `${path}.frames`;
  return Buffer.byteLength(beside) <= MAX_SOCKET_PATH_BYTES ? beside : undefined;
}

/** The Unix sockets that a wrapper on this target makes; none where it is `host:port`. */
export function socketsOf(target: string): string[] {
  return [pathOfTarget(target), framesPath(target)].filter((socket) => socket !== undefined);
}

/**
 * Where replica 0, 1, … of a wrapper listens: the first at the address itself, the others beside it. `host:port` counts
 * the port up.
 */
export function replicaTarget(target: string, replica: number): string {
  if (replica === 0) return target;
  const path = pathOfTarget(target);
  if (path === undefined) {
    const at = target.lastIndexOf(':');
    return `${target.slice(0, at)}:${Number(target.slice(at + 1)) + replica}`;
  }
  return `unix:${fitting(`${path.replace(/\.sock$/, '')}-${replica}.sock`)}`;
}

/** The address of a model's wrapper as gRPC dials and binds it; the YAML's default is `unix:MODEL.sock`. */
export function wrapperTarget(model: string, address: string | undefined, stateDir: string): string {
  const written = address ?? `unix:${model}.sock`;
  const path = socketPath(written, stateDir);
  return path === undefined ? written : `unix:${path}`;
}
