import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { quantile, runSchedule } from './schedule.ts';

/** The generator as a process of its own: the collections of whoever starts it are no latencies. Prints one JSON line. */
const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    bodies: { type: 'string' },
    first: { type: 'string' },
    rate: { type: 'string' },
    seconds: { type: 'string' },
    'warm-up': { type: 'string' },
  },
});
const bodies = (await readFile(values.bodies!, 'utf8')).trimEnd().split('\n');
const { latenciesMs, latenessMs, without } = await runSchedule({
  url: values.url!,
  bodies,
  firstBody: Number(values.first),
  requestsPerSecond: Number(values.rate),
  seconds: Number(values.seconds),
  warmUpSeconds: Number(values['warm-up']),
});
const result = {
  requests: latenciesMs.length,
  p50Ms: quantile(latenciesMs, 0.5),
  p99Ms: quantile(latenciesMs, 0.99),
  p999Ms: quantile(latenciesMs, 0.999),
  maxMs: quantile(latenciesMs, 1),
  lateP50Ms: quantile(latenessMs, 0.5),
  lateP99Ms: quantile(latenessMs, 0.99),
  without,
};
console.log(JSON.stringify(result));
