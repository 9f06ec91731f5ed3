import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MEBIBYTE = 2 ** 20;

/** Memory of this process after so many requests, in MiB. */
export interface Sample {
  requests: number;
  residentMb: number;
  /** V8's heap, with what is garbage and not yet collected. */
  heapMb: number;
  /** Outside of the heap: typed arrays and buffers. */
  externalMb: number;
}

export function sampleAt(requests: number): Sample {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { requests, residentMb: rss / MEBIBYTE, heapMb: heapUsed / MEBIBYTE, externalMb: external / MEBIBYTE };
}

/** What is alive, in MiB, heap and outside: measured after a full collection. */
export function liveMb(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MEBIBYTE;
}

/** By how much a series grows for a million requests: the slope of the line of least squares through it. */
export function growthPerMillion(samples: readonly Sample[], pick: (sample: Sample) => number): number {
  const count = samples.length;
  const meanX = samples.reduce((sum, { requests }) => sum + requests, 0) / count;
  const meanY = samples.reduce((sum, sample) => sum + pick(sample), 0) / count;
  let covariance = 0;
  let variance = 0;
  for (const sample of samples) {
    covariance += (sample.requests - meanX) * (pick(sample) - meanY);
    variance += (sample.requests - meanX) ** 2;
  }
  return (covariance / variance) * 1e6;
}
