import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { examineService } from '../../../data/doctor/examine-service.ts';
import type { ServiceExamination } from '../../../data/doctor/examination.ts';
import { freePort } from '../../../foundation/free-port.ts';
import { formatTimestamp } from '../../../foundation/timestamp.ts';
import { boundsIn, checkedIn, here } from './bounds.ts';

const CERTIFICATE = readFileSync(here('../../orchestrator/features/service/localhost-cert.pem'), 'utf8');
const KEY = readFileSync(here('../../orchestrator/features/service/localhost-key.pem'), 'utf8');
const endsMs = Date.parse(new X509Certificate(CERTIFICATE).validTo);
const DAY_MS = 86_400_000;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Its port, once it listens on the loopback. */
async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function examine(
  url: string,
  more: { authority?: string; epochMs?: () => number; timeoutMs?: number } = {},
): Promise<ServiceExamination> {
  const { config } = checkedIn('/project', `services: { weather: { url: '${url}' } }`);
  return examineService('weather', config.services['weather'], { ...boundsIn('/project'), ...more });
}

describe('a service', () => {
  test('is connected to, and neither called nor told who we are', async () => {
    const sent: Buffer[] = [];
    const server = createTcpServer((socket) => socket.on('data', (bytes: Buffer) => sent.push(bytes)));
    const ended = once(server, 'connection').then(([socket]) => once(socket as NodeJS.EventEmitter, 'close'));
    const address = `http://127.0.0.1:${await listen(server)}`;
    const examined = await examine(address);
    expect(examined).toEqual({
      part: 'service',
      name: 'weather',
      address,
      connectMs: expect.any(Number),
      tls: null,
      findings: [],
    });
    await ended;
    expect(sent).toEqual([]);
  });

  test('with TLS tells its protocol, and until when its certificate holds', async () => {
    const port = await listen(createTlsServer({ cert: CERTIFICATE, key: KEY, ALPNProtocols: ['http/1.1'] }));
    const url = `https://localhost:${port}`;
    const { tls, findings } = await examine(url, { authority: CERTIFICATE, epochMs: () => endsMs - 15 * DAY_MS });
    expect(tls).toEqual({ protocol: 'TLSv1.3', validUntil: formatTimestamp(endsMs) });
    expect(findings).toEqual([]);
    const soon = await examine(url, { authority: CERTIFICATE, epochMs: () => endsMs - 3.5 * DAY_MS });
    expect(soon.findings).toMatchObject([
      { code: 'CERTIFICATE_ENDS', severity: 'warning', message: 'the certificate of the service ends in 3 days' },
    ]);
  });

  test('with a certificate that is not trusted cannot be reached, as for whoever calls it', async () => {
    const port = await listen(createTlsServer({ cert: CERTIFICATE, key: KEY }));
    const { connectMs, findings } = await examine(`https://localhost:${port}`);
    expect(connectMs).toBeNull();
    expect(findings).toMatchObject([
      { code: 'UNREACHABLE', message: 'the service cannot be reached (DEPTH_ZERO_SELF_SIGNED_CERT)' },
    ]);
  });

  test('where nobody listens, or whose name leads nowhere, is told with why', async () => {
    const refused = await examine(`http://127.0.0.1:${await freePort()}`);
    expect(refused.findings).toMatchObject([
      { code: 'UNREACHABLE', severity: 'problem', message: 'the service cannot be reached (ECONNREFUSED)' },
    ]);
  });

  test('that takes connections and says nothing is given up at the deadline', async () => {
    const port = await listen(createTcpServer());
    const startedMs = performance.now();
    const { findings } = await examine(`https://127.0.0.1:${port}`, { timeoutMs: 200 });
    expect(findings).toMatchObject([{ code: 'LATE', message: 'the service did not answer within 200ms' }]);
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});
