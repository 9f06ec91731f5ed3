import type { Options } from './options.ts';
import { seededRandom } from './random.ts';
import type { Line } from './report.ts';
import { checkEnds } from './wrapper/check-ends.ts';
import { checkHarms } from './wrapper/check-harms.ts';
import type { Hosting } from './wrapper/project.ts';

const HOSTINGS: readonly Hosting[] = [
  { language: 'Python', replicas: 1 },
  { language: 'Python', replicas: 2 },
  { language: 'TypeScript', replicas: 1 },
  { language: 'TypeScript', replicas: 2 },
];

/** The processes that host a predictor are harmed in every way that we know, and `tandem dev` leaves nothing behind. */
export async function checkWrapper({ harms, seed }: Options): Promise<Line[]> {
  const lines: Line[] = [];
  for (const hosting of HOSTINGS) {
    console.error(`${hosting.language}, replicas ${hosting.replicas}`);
    lines.push(...(await checkHarms(hosting, harms, seededRandom(seed + 4))));
  }
  return [...lines, ...(await checkEnds(seededRandom(seed + 5)))];
}
