import { AppError } from '../../../foundation/errors.ts';
import type { RedisPlace } from './redis-group.ts';
import { isRefusal } from './redis-refusals.ts';

/** Where a server of a cluster says that a key is to be asked for. */
export type Redirection =
  /** Another has the slot, from now on. */
  | { to: 'owner'; slot: number; place: RedisPlace }
  /** The slot is on its way, and this key is there already. */
  | { to: 'importer'; place: RedisPlace }
  /** The slot is on its way, with some of the keys that were asked for in one command. */
  | { to: 'each alone' };

/**
 * The redirection that a refusal is, if it is one. `asked` is the host that refused: a server that does not know its own
 * address says none, and means that one.
 */
export function redirectionOf(refusal: Error, asked: string): Redirection | undefined {
  const [kind, slot, address = ''] = refusal.message.split(' ');
  if (kind === 'TRYAGAIN') return { to: 'each alone' };
  if (kind !== 'MOVED' && kind !== 'ASK') return undefined;
  // IPv6 has colons of its own, and no brackets here.
  const colon = address.lastIndexOf(':');
  const place = placeOf(address.slice(0, colon), Number(address.slice(colon + 1)), asked);
  if (place === undefined) return undefined;
  return kind === 'ASK' ? { to: 'importer', place } : { to: 'owner', slot: Number(slot), place };
}

/** A server that another told of; undefined where it is told that nobody knows how to reach it. */
export function placeOf(host: string | null, port: number, asked: string): RedisPlace | undefined {
  if (host === '?' || !(port > 0)) return undefined;
  return { host: host || asked, port };
}

/** A server's own words among what was thrown; undefined where it said none. */
export function replyIn(cause: unknown): Error | undefined {
  const innermost = cause instanceof AppError ? cause.cause : cause;
  return isRefusal(innermost) ? innermost : undefined;
}

const STATE_REFUSALS = /^(?:MOVED|CLUSTERDOWN|READONLY|LOADING|MASTERDOWN) /;

/** Whether it says that servers are not, or no longer, what they were taken for. */
export function isTrouble(cause: unknown): boolean {
  if (cause instanceof AppError && cause.code === 'CANCELLED') return false;
  const reply = replyIn(cause);
  return reply === undefined || STATE_REFUSALS.test(reply.message);
}
