import type { Answered } from './clients.ts';

/** Counts of a run's answers by what they were, and the first few that were wrong. */
export class Tally {
  trueAnswers = 0;
  readonly stoodIn = new Map<string, number>();
  wrong = 0;
  readonly examples: string[] = [];

  add({ verdict, case: { body } }: Answered): void {
    switch (verdict.kind) {
      case 'true':
        this.trueAnswers += 1;
        break;
      case 'fallback':
      case 'error': {
        const name = `${verdict.kind} ${verdict.code}`;
        this.stoodIn.set(name, (this.stoodIn.get(name) ?? 0) + 1);
        break;
      }
      case 'wrong':
        this.wrong += 1;
        if (this.examples.length < 5) this.examples.push(`${verdict.reason}\n  for ${body.slice(0, 400)}`);
        break;
    }
  }

  get answers(): number {
    return this.trueAnswers + this.wrong + [...this.stoodIn.values()].reduce((sum, count) => sum + count, 0);
  }

  /** `200 true, 3 fallback OVERLOADED, 0 wrong` */
  describe(): string {
    const others = [...this.stoodIn].map(([name, count]) => `, ${count} ${name}`).join('');
    return `${this.trueAnswers} true${others}, ${this.wrong} wrong`;
  }
}
