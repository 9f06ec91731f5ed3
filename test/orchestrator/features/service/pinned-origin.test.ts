import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { assert, asyncProperty, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathProblem, readTemplate } from '../../../../config/url-template.ts';
import { pathSegment, queryValue } from '../../../../orchestrator/features/service/path-template.ts';
import { escapeKeyPart } from '../../../../orchestrator/features/store/row-key.ts';
import { getView, batchView, key, keysOf, openTestService, TestServer, told, within, X } from './wire.ts';

/** A server that keeps what came over the wire byte by byte, before any parser has made it look better. */
class RawServer {
  readonly heads: string[] = [];
  readonly url: string;
  readonly #server = createServer((socket: Socket) => {
    socket.on('error', () => socket.destroy());
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        this.heads.push(text.slice(0, end));
        text = text.slice(end + 4);
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"x":1}');
      }
    });
  });

  static async open(): Promise<RawServer> {
    const raw = new RawServer();
    raw.#server.listen(0, '127.0.0.1');
    await once(raw.#server, 'listening');
    return Object.assign(raw, { url: `http://127.0.0.1:${(raw.#server.address() as AddressInfo).port}` });
  }

  private constructor() {
    this.url = '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** What a hostile caller sends as a key, and what stands on the wire for it; undefined: nothing does. */
const HOSTILE: [name: string, value: string, segment: string | undefined][] = [
  ['nothing', '', undefined],
  ['this folder', '.', undefined],
  ['the folder above', '..', undefined],
  ['the folder above, with a slash', '../', undefined],
  ['three folders above', '../../../admin', undefined],
  ['above within', 'a/../../admin', undefined],
  ['a slash', 'a/b', undefined],
  ['only a slash', '/', undefined],
  ['two slashes and a host', '//evil.example/x', undefined],
  ['a backslash', '..\\admin', undefined],
  ['dots, encoded', '%2e%2e', undefined],
  ['dots, half encoded', '.%2E', undefined],
  ['dots, encoded twice', '%252e%252e', undefined],
  ['a slash, encoded', 'a%2fb', undefined],
  ['a slash, encoded twice', '%252f', undefined],
  ['a backslash, encoded', '..%5cadmin', undefined],
  ['an overlong slash', '..%c0%af..', '..%25c0%25af..'],
  ['a path parameter', '..;/admin', undefined],
  ['a path parameter without a slash', '..;x=1', undefined],
  ['a user before a host', '@evil.example', '%40evil.example'],
  ['a user, a host, a port', 'user:pass@evil.example:81', 'user%3Apass%40evil.example%3A81'],
  ['a fragment', 'a#b', 'a%23b'],
  ['only a fragment', '#', '%23'],
  ['a query', 'a?admin=1', 'a%3Fadmin%3D1'],
  ['another parameter', 'a&admin=1', 'a%26admin%3D1'],
  ['NUL', 'a\0b', undefined],
  ['NUL, encoded', 'a%00b', undefined],
  ['CR LF and a header', 'a\r\nHost: evil.example', undefined],
  ['CR LF and a request', 'a HTTP/1.1\r\n\r\nGET /admin HTTP/1.1\r\n', undefined],
  ['CR LF, encoded', 'a%0d%0aHost:%20evil', undefined],
  ['LF by Unicode’s upper bytes', 'a\u560a\u560d', 'a%E5%98%8A%E5%98%8D'],
  ['a space', 'a b', 'a%20b'],
  ['a space and a version', 'a HTTP/1.0', undefined],
  ['a tab', 'a\tb', undefined],
  ['full-width dots', '．．', undefined],
  ['a two-dot leader', '‥', undefined],
  ['ideographic full stops', '。。', undefined],
  ['a full-width slash', 'a／b', undefined],
  ['a fraction slash', 'a⁄b', undefined],
  ['a full-width backslash', 'a＼b', undefined],
  ['dots around a zero-width space', '.\u200b.', undefined],
  ['a lone surrogate', 'a\ud800', undefined],
  ['an absolute URL', 'http://evil.example/', undefined],
  ['another port', ':81', '%3A81'],
  ['another scheme', 'file:etc', 'file%3Aetc'],
  ['a name that resolves elsewhere', '127.0.0.1.evil.example', '127.0.0.1.evil.example'],
  ['a template of its own', '{id}', '%7Bid%7D'],
  ['a very long one', 'a'.repeat(70_000), undefined],
];

describe('nothing but the pinned origin and the declared path is called', () => {
  test('there are forty hostile keys and more', () => expect(HOSTILE.length).toBeGreaterThanOrEqual(40));

  test.each(HOSTILE)('with %s as a key', async (_, value, segment) => {
    await using server = await RawServer.open();
    {
      await using service = await openTestService(server.url);
      const source = service.source(getView('/stations/{id}/hours'));
      const block = await source.fetch(keysOf(escapeKeyPart(value)), X, within(5000));
      expect(told(block)).toEqual([segment === undefined ? 'NOT_FOUND service' : 'PRESENT service']);
      expect(service.counters.refusedKeys).toBe(segment === undefined ? 1 : 0);
    }
    const lines = server.heads.map((head) => [head.split('\r\n')[0], ...(head.match(/^host: .*$/gim) ?? [])]);
    const { host } = new URL(server.url);
    const call = [`GET /stations/${segment}/hours HTTP/1.1`, `host: ${host}`];
    expect(lines).toEqual(segment === undefined ? [] : [call]);
  });

  test.each(HOSTILE)('with %s as a value of the query, or in a batch', async (_, value) => {
    await using server = await TestServer.open((_seen, response) => response.end('{"x":1,"items":[]}'));
    await using service = await openTestService(server.url);
    const text = keysOf(escapeKeyPart(value));
    await service.source(getView('/stations?hour=1&id={id}&z=2')).fetch(text, X, within(5000));
    await service.source(batchView()).fetch(text, X, within(5000));
    for (const { target, headers } of server.seen) {
      expect(headers.host).toBe(new URL(server.url).host);
      const asked = new URL(target, server.url);
      expect(asked.origin).toBe(server.url);
      if (asked.pathname === '/rows:lookup') continue;
      expect(target).toMatch(/^\/stations\?hour=1&id=[A-Za-z0-9%_.!~*'()-]*&z=2$/);
      expect([...asked.searchParams]).toEqual([
        ['hour', '1'],
        ['id', value],
        ['z', '2'],
      ]);
    }
  });

  test('whatever the key, the path is the declared one with one segment changed, for a URL parser too', () => {
    assert(
      property(string({ unit: 'binary' }), string({ unit: 'grapheme' }), (binary, text) => {
        for (const value of [binary, text, `${text}/..`, `%${text}`]) {
          const segment = pathSegment(value);
          if (segment === undefined) continue;
          expect(segment).toMatch(/^[A-Za-z0-9%_.!~*'()-]+$/);
          const url = new URL(`/stations/${segment}/hours`, 'http://pinned:81');
          expect([url.origin, url.pathname]).toEqual(['http://pinned:81', `/stations/${segment}/hours`]);
          expect(decodeURIComponent(segment)).toBe(value);
        }
      }),
    );
  });

  test('whatever the key, a query has the declared names and that value', () => {
    assert(
      property(string({ unit: 'binary' }), (value) => {
        const encoded = queryValue(value);
        if (encoded === undefined) return;
        const url = new URL(`/a?id=${encoded}&z=2`, 'http://pinned:81');
        expect(url.pathname).toBe('/a');
        expect([...url.searchParams]).toEqual([
          ['id', value],
          ['z', '2'],
        ]);
      }),
    );
  });

  test('whatever is sent, the server sees what was sent', async () => {
    await using server = await TestServer.open((_, response) => response.end('{"x":1}'));
    await using service = await openTestService(server.url);
    const source = service.source(getView('/a/{id}/{n}', key('id', ['n', 'int64'])));
    await assert(
      asyncProperty(string({ unit: 'grapheme', minLength: 1 }), async (value) => {
        const before = server.seen.length;
        await source.fetch(keysOf(`${escapeKeyPart(value)}|7`), X, within(5000));
        expect(server.seen).toHaveLength(pathSegment(value) === undefined ? before : before + 1);
        if (server.seen.length === before) return;
        const [, a, segment, n] = server.seen[before].target.split('/');
        expect([a, decodeURIComponent(segment), n]).toEqual(['a', value, '7']);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a template of the configuration', () => {
  test.each([
    'http://evil.example/{id}',
    '//evil.example/{id}',
    '/\\evil.example/{id}',
    'evil.example/{id}',
    '@evil.example/{id}',
    ':81/{id}',
    '/a/../{id}',
    '/a/%2e%2e/{id}',
    '/a/{id}#b',
    '/a/{id}\r\nHost: evil',
    '/a b/{id}',
    '/a\0/{id}',
  ])('that could call elsewhere does not pass the check: %j', (template) => {
    expect(pathProblem(template)).toBeDefined();
  });

  test.each(['/{id}.json', '/a-{id}', '/a?x=b{id}', '/a?{id}=b{', '/{id', '/id}'])(
    'whose braces are no whole value neither: %s',
    (template) => {
      expect(readTemplate(template).problem).toBeDefined();
    },
  );
});
