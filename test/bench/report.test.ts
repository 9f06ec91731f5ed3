import { describe, expect, it } from 'vitest';
import type { Cell } from '../../bench/load/cell.ts';
import { renderResults, type Measured } from '../../bench/report.ts';

const facts = { date: '2026-01-02', seconds: 5, rounds: 3, loadBefore: 0.1 };

function measured(stack: Measured['stack'], speeds: readonly number[], cpuUs: number): Measured {
  const cells = speeds.map((requestsPerSecond): Cell => {
    const load = { requests: 1000, requestsPerSecond, p50Ms: 1, p99Ms: 2, fallbacks: 0 };
    return { ...load, cpuUs: { server: cpuUs, model: 0, total: cpuUs }, residentBytes: 2 ** 20 };
  });
  return { load: 'n10', stack, cells };
}

describe('the results of the bench', () => {
  it('keep the notes that somebody wrote under the last heading', () => {
    const first = renderResults([], facts, '');
    const noted = `${first}\nThe second core was busy.\n`;
    const second = renderResults([], { ...facts, date: '2026-01-03' }, noted);
    expect(second).toContain('on 2026-01-03');
    expect(second).not.toContain('on 2026-01-02');
    expect(second.trimEnd().endsWith('## Notes\n\nThe second core was busy.')).toBe(true);
    expect(renderResults([], facts, renderResults([], facts, first))).toBe(first);
  });

  it('judge by the median of the ratios within each round', () => {
    const lines = [
      measured('bare', [1000, 100, 1000], 100),
      measured('trial', [3000, 300, 3000], 20),
      measured('tandem', [2100, 210, 1500], 30),
    ];
    const results = renderResults(lines, facts, '');
    expect(results).toContain('| N = 10 | 2.10 (1.50 to 2.10) | 0.70 (0.50 to 0.70) | 0.30 (0.30 to 0.30) |');
    expect(results).toContain('the requests/s of the bare stack: 2.10, holds');
    expect(results).toContain('at N = 10 at most 1.25 times the CPU a request of the trial: 1.50, falls short');
    expect(results).toContain('at N = 1 at most 1.25 times the CPU a request of the trial: not measured');
  });
});
