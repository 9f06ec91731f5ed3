import type { ServiceConfig } from '../../config/schema.ts';
import { formatTimestamp } from '../../foundation/timestamp.ts';
import { finding } from '../../orchestrator/features/finding.ts';
import { connectTo } from './connect.ts';
import type { ServiceExamination } from './examination.ts';
import { failureFinding } from './failure.ts';
import { inTime, type Bounds } from './in-time.ts';

export interface ServiceBounds extends Bounds {
  /** The time of day: what a certificate's end is against. */
  epochMs: () => number;
  /** PEM certificates to trust in place of the system's. */
  authority?: string;
}

const DAY_MS = 86_400_000;
/** A certificate that ends within so many days is told. */
const ENDS_SOON_DAYS = 14;

/** Connects to a service's origin and calls nothing there. Never rejects: what failed is a finding. */
export async function examineService(
  name: string,
  { url }: ServiceConfig,
  bounds: ServiceBounds,
): Promise<ServiceExamination> {
  const { now, epochMs, authority, timeoutMs } = bounds;
  const origin = new URL(url);
  const examined: ServiceExamination = {
    part: 'service',
    name,
    address: origin.origin,
    connectMs: null,
    tls: null,
    findings: [],
  };
  try {
    const { connectMs, tls } = await inTime(bounds, ({ signal }) =>
      connectTo(origin, { signal, now, ...(authority === undefined ? {} : { authority }) }),
    );
    examined.connectMs = connectMs;
    if (!tls) return examined;
    examined.tls = { protocol: tls.protocol, validUntil: formatTimestamp(tls.validUntilMs) };
    const days = Math.floor((tls.validUntilMs - epochMs()) / DAY_MS);
    if (days < ENDS_SOON_DAYS) {
      const message = `the certificate of the service ends in ${days} days`;
      examined.findings.push(finding('CERTIFICATE_ENDS', message, 'have whoever runs the service renew it'));
    }
  } catch (thrown) {
    examined.findings.push(failureFinding('the service', thrown, timeoutMs));
  }
  return examined;
}
