import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** A connection that was made, and closed again. */
export interface Connected {
  connectMs: number;
  tls: { protocol: string; validUntilMs: number } | null;
}

export interface ConnectOptions {
  signal: AbortSignal;
  /** Monotonic, `performance.now()` scale. */
  now: () => number;
  /** PEM certificates to trust in place of the system's. */
  authority?: string;
}

/**
 * Connects to an origin as its callers would, with TLS where it says so, and sends nothing. Rejects with the system's
 * error, also for a certificate that is not to be believed.
 */
export async function connectTo(origin: URL, { signal, now, authority }: ConnectOptions): Promise<Connected> {
  const host = origin.hostname.replace(/^\[(.*)\]$/, '$1');
  const isSecure = origin.protocol === 'https:';
  const port = Number(origin.port || (isSecure ? 443 : 80));
  const startedMs = now();
  const socket: Socket | TLSSocket = isSecure
    ? connectTls({
        host,
        port,
        // RFC 6066, section 3: an address is no server name.
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(authority === undefined ? {} : { ca: authority }),
        ALPNProtocols: ['h2', 'http/1.1'],
      })
    : connectTcp({ host, port });
  try {
    await once(socket, isSecure ? 'secureConnect' : 'connect', { signal });
    const connectMs = now() - startedMs;
    if (!('getProtocol' in socket)) return { connectMs, tls: null };
    const validUntilMs = Date.parse(socket.getPeerCertificate().valid_to);
    return { connectMs, tls: { protocol: socket.getProtocol() ?? 'unknown', validUntilMs } };
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}
