import type { IncomingHttpHeaders } from 'node:http';

/**
 * For how long an answer is fresh by its own word, in ms: `max-age` less the `Age` it already has, 0 where it is not to
 * be stored or not to be used unasked (RFC 9111, section 5.2.2); NaN where it says nothing.
 */
export function freshnessMs(headers: IncomingHttpHeaders): number {
  const control = headers['cache-control'];
  if (control === undefined) return Number.NaN;
  const directives = control.toLowerCase().split(',');
  let maxAge = Number.NaN;
  for (const directive of directives) {
    const [name = '', value = ''] = directive.trim().split('=', 2);
    if (name === 'no-store' || name === 'no-cache') return 0;
    if (name === 'max-age' && /^"?\d+"?$/.test(value)) maxAge = Number(value.replaceAll('"', ''));
  }
  const age = /^\d+$/.test(headers.age ?? '') ? Number(headers.age) : 0;
  return Math.max(0, maxAge - age) * 1000;
}

/** `Retry-After` in ms from now: seconds, or a date (RFC 9110, section 10.2.3); NaN where it is absent or neither. */
export function retryAfterMs(headers: IncomingHttpHeaders, epochMs: number): number {
  const text = headers['retry-after'];
  if (text === undefined) return Number.NaN;
  return /^\d+$/.test(text) ? Number(text) * 1000 : Math.max(0, Date.parse(text) - epochMs);
}
