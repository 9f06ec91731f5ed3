import type { Line } from '../report.ts';
import type { Random } from '../random.ts';
import type { Answered } from './clients.ts';
import { HARMS, type Harm } from './harms.ts';
import { DEADLINE_MS, startHarmed, type Hosting } from './project.ts';
import { CLIENTS, GRACE_MS, runRound, type Round } from './round.ts';

const BACK_WITHIN_MS = 3000;

/** Every harm so many times, the struck models in turn, each time from all being well. */
export async function checkHarms(hosting: Hosting, times: number, random: Random): Promise<Line[]> {
  const name = `${hosting.language}, replicas ${hosting.replicas}`;
  await using harmed = await startHarmed(hosting);
  const lines: Line[] = [];
  for (const harm of HARMS.filter(({ languages }) => languages.includes(hosting.language))) {
    const rounds: Round[] = [];
    for (let round = 0; round < times; round++) {
      const model = harm.models[round % harm.models.length];
      rounds.push(await runRound(harm, model, harmed, hosting, random));
    }
    const line = lineOf(`${name}: ${harm.name}`, harm, rounds);
    console.error(`  ${line.holds ? 'holds' : 'DOES NOT HOLD'}: ${line.claim}: ${line.seen}`);
    lines.push(line);
  }
  return lines;
}

function lineOf(name: string, { isSurvived }: Harm, rounds: readonly Round[]): Line {
  const answered = rounds.flatMap((round) => round.answered);
  const harmful = rounds.flatMap((round) => (round.harmful === undefined ? [] : [round.harmful]));
  const late = rounds.reduce((sum, round) => sum + round.late, 0);
  const backMs = rounds.map((round) => round.backMs).sort((a, b) => a - b);
  const strangers = rounds.filter((round) => !round.isRightProcess).length;
  const wrong = [...answered, ...harmful].flatMap(({ verdict }) => (verdict.kind === 'wrong' ? [verdict.reason] : []));
  wrong.slice(0, 3).forEach((reason) => console.error(`${name}: ${reason}`));
  const where = isSurvived === undefined ? '' : isSurvived ? ', the same process' : ', another process';
  const longest = Math.round(Math.max(...rounds.map(({ longestMs }) => longestMs)));
  const own = Math.round(Math.max(...rounds.map(({ ownMs }) => ownMs)));
  const [median, most] = [backMs[Math.floor(backMs.length / 2)], backMs.at(-1) ?? Infinity];
  return {
    claim:
      `${name}, ${rounds.length} times under ${CLIENTS} clients: no wrong answer, none later than ${DEADLINE_MS} + ${GRACE_MS} ms,` +
      ` each client and process back within ${BACK_WITHIN_MS / 1000} s${where}`,
    seen:
      `${describe(answered)}${harmful.length > 0 ? ` (who asked for it: ${describe(harmful)})` : ''}, ${late} late, the longest ${longest} ms (the clients' own event loop at most ${own});` +
      ` back after ${Math.round(median)} ms in the median, ${Math.round(most)} ms at most` +
      (strangers === 0 ? '' : `; ${strangers} times another end`),
    holds:
      answered.length > 0 &&
      wrong.length === 0 &&
      late === 0 &&
      most <= BACK_WITHIN_MS &&
      strangers === 0 &&
      harmful.every(({ verdict }) => verdict.kind !== 'right'),
  };
}

/** `61234 right, 200 fallback WRAPPER_UNAVAILABLE, 0 wrong` */
function describe(answered: readonly Answered[]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of answered) {
    const name = 'code' in verdict ? `${verdict.kind} ${verdict.code}` : verdict.kind;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const wrong = counts.get('wrong') ?? 0;
  counts.delete('wrong');
  return [...[...counts].map(([name, count]) => `${count} ${name}`), `${wrong} wrong`].join(', ');
}
