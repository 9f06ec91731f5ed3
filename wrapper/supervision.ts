import type { HostSpec } from './host-spec.ts';

/** What the supervisor tells its child. */
export interface HostOrder {
  kind: 'host';
  spec: HostSpec;
}

/** What the child tells its supervisor. */
export type ChildReport = { kind: 'heartbeat' } | { kind: 'loaded'; version: string };

/** Heartbeats in one `hangAfter`: a few may be late without harm. */
const BEATS = 5;

export function heartbeatMs(hangAfterMs: number): number {
  return Math.max(10, Math.min(1000, hangAfterMs / BEATS));
}
