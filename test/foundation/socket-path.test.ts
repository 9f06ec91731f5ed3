import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_SOCKET_PATH_BYTES, socketPath, socketsOf, wrapperTarget } from '../../foundation/socket-path.ts';

test('a name is inside the state folder, an absolute path as written, host:port no path', () => {
  expect(socketPath('unix:m.sock', '/srv/state')).toBe('/srv/state/m.sock');
  expect(socketPath('unix:/run/m.sock', '/srv/state')).toBe('/run/m.sock');
  expect(socketPath('unix:///run/m.sock', '/srv/state')).toBe('/run/m.sock');
  expect(socketPath('127.0.0.1:9000', '/srv/state')).toBeUndefined();
});

test('the target is what gRPC dials; without an address it is the model’s own socket', () => {
  expect(wrapperTarget('m', undefined, '/srv/state')).toBe('unix:/srv/state/m.sock');
  expect(wrapperTarget('m', 'localhost:9000', '/srv/state')).toBe('localhost:9000');
});

const long = (name: string) => socketPath(`unix:${name}`, `/${'x'.repeat(120)}`);

test('a path that the kernel would cut has a name in the temp folder, the same each time and another for others', () => {
  expect(long('a.sock')).toMatch(new RegExp(`^${join(tmpdir(), 'tandem-')}[0-9a-f]{24}\\.sock$`));
  expect(long('a.sock')).toBe(long('a.sock'));
  expect(long('a.sock')).not.toBe(long('b.sock'));
});

test('a wrapper on a Unix socket has a second one beside it where its path fits, and none on host:port', () => {
  expect(socketsOf('unix:/run/m.sock')).toEqual(['/run/m.sock', '/run/m.sock.frames']);
  const longest = `/${'x'.repeat(MAX_SOCKET_PATH_BYTES - '/.frames'.length)}`;
  expect(socketsOf(`unix:${longest}`)).toEqual([longest, `${longest}.frames`]);
  expect(socketsOf(`unix:${longest}x`)).toEqual([`${longest}x`]);
  expect(socketsOf('localhost:9000')).toEqual([]);
});

test('any folder and name fit the kernel’s limit', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 150 }), (name) => {
      const path = socketPath(`unix:${name}.sock`, '/srv/state')!;
      expect(Buffer.byteLength(path)).toBeLessThanOrEqual(MAX_SOCKET_PATH_BYTES);
    }),
  );
});
