import type { Trouble } from '../troubles/trouble.ts';
import type { WeatherProcess } from './weather-process.ts';

function fault(
  name: string,
  kind: string,
  { isHarmless = false, ...more }: { ms?: number; share?: number; isHarmless?: boolean } = {},
): Trouble<WeatherProcess> {
  const [begin, mend] = [
    (weather: WeatherProcess) => weather.fault(kind, more),
    (weather: WeatherProcess) => weather.fault(null),
  ];
  return { name, isHarmless, begin, mend };
}

/** Ways in which the weather service does wrong, and how they are mended. */
export const TROUBLES: readonly Trouble<WeatherProcess>[] = [
  { name: 'stopped: nothing listens', begin: (weather) => weather.kill(), mend: (weather) => weather.restart() },
  { name: 'frozen: nothing is answered', begin: (weather) => weather.freeze(), mend: (weather) => weather.thaw() },
  fault('5 s slow', 'slow', { ms: 5000 }),
  fault('15 ms slow, its timeout being 40', 'slow', { ms: 15, isHarmless: true }),
  fault('failing half the time', 'failing', { share: 0.5 }),
  fault('values of wrong types', 'wrong-types'),
  fault('items without their fields', 'missing-fields'),
  fault('items out of order', 'shuffled', { isHarmless: true }),
  fault('each item twice', 'duplicates', { isHarmless: true }),
  fault('each item twice, with other values', 'contradicting'),
  fault('bodies of 50 MB', 'huge'),
  fault('50 MB in 50 KB of gzip', 'bomb'),
  fault('redirects to another host', 'redirecting'),
  fault('a byte every 10 ms', 'trickling'),
  fault('closing in mid-body', 'cutting'),
];
