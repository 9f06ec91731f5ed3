import { drawMixed, type Cases } from './cases.ts';
import { runClients } from './clients.ts';
import type { Options } from './options.ts';
import { seededRandom } from './random.ts';
import type { Line } from './report.ts';
import { Tally } from './tally.ts';

const CLIENTS = 64;
/**
 * The fallback is a right answer when the deadline has passed, and 64 clients that send boards on a shared machine may
 * pass it now and then. More than this share would hide what the comparison is for.
 */
const MOST_FALLBACKS = 0.001;

/** Every answer of many clients at once is the one that the reference worked out. */
export async function checkAnswers(url: string, cases: Cases, options: Options): Promise<Line[]> {
  const { answers, boards, seed } = options;
  const tally = new Tally();
  const started = performance.now();
  await runClients(url, CLIENTS, drawMixed(cases, answers, boards, seededRandom(seed + 1)), (each) => tally.add(each));
  const seconds = (performance.now() - started) / 1000;
  tally.examples.forEach((example) => console.error(example));
  return [
    {
      claim: `${CLIENTS} clients, ${answers} answers of 1 to 20 departures and ${boards} whole boards: no wrong value, no row of another request`,
      seen: `${tally.describe()}; ${Math.round(tally.answers / seconds)} answers/s with the comparing`,
      holds: tally.wrong === 0 && tally.answers === answers + boards,
    },
    {
      claim: `at most ${MOST_FALLBACKS * 100} % of them are the fallback`,
      seen: `${((1 - tally.trueAnswers / tally.answers) * 100).toFixed(3)} %`,
      holds: tally.answers - tally.trueAnswers <= tally.answers * MOST_FALLBACKS,
    },
  ];
}
