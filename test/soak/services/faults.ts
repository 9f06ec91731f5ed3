import type { Line } from '../report.ts';
import { checkTroubles } from '../troubles/check-troubles.ts';
import type { ToldCase } from '../troubles/told-cases.ts';
import { runVariant } from './running-variant.ts';
import { TROUBLES } from './weather-troubles.ts';

/** With one of so short a `ttl` nearly each answer needs the service, and has a stale row where it gives none. */
const CACHE = { ttl: '500ms', staleIfError: '2h', negativeTtl: '30s' };

/** Every trouble of the weather service, without and with a cache. */
export function checkFaults(cases: readonly ToldCase[]): Promise<Line[]> {
  const variants = [
    { name: 'without a cache', run: () => runVariant({ cache: undefined }) },
    { name: 'with a cache', run: () => runVariant({ cache: CACHE }) },
  ];
  return checkTroubles({ subject: 'weather', variants, troubles: TROUBLES }, cases);
}
