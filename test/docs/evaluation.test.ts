import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPages, ROOT, tableRows } from './markdown.ts';

/** With its bootstrap interval. */
interface Figure {
  value: number;
  low: number;
  high: number;
}
type Both = Record<'AUC' | 'NDCG@20', Figure>;

/** What evaluate.py writes. */
interface Evaluation {
  'judged on': {
    AUC: { flights: number; days: number };
    'NDCG@20': { boards: number; days: number; 'boards without an order': number };
    'share of flights with a known yesterday': number;
  };
  scores: Record<string, Both>;
  'the model ahead of': Record<string, Both>;
  'what a view is worth': Record<string, Record<'missing' | 'never learned', Both>>;
}

/** What train.py writes. */
interface Card {
  rows: { train: number; test: number };
  'late share': { train: number; test: number };
  'test AUC': Record<string, Figure>;
  'test log loss': { model: number; constant: number };
}

const evaluation = read('evaluation.json') as Evaluation;
const card = read('card.json') as Card;
const page = (await readPages()).find(({ file }) => file.endsWith('examples/flights/README.md'))!;

describe("the example's README has every figure of its evaluation", () => {
  const rowOf = (name: string, { AUC, 'NDCG@20': ndcg }: Both): string[] => [name, shown(AUC), shown(ndcg)];
  const listed = (...head: string[]): string[][] =>
    tableRows(page, ...head).map(([name, ...figures]) => [name.replaceAll('`', ''), ...figures]);

  test('the scores', () => {
    expect(listed('score', 'AUC')).toEqual(Object.entries(evaluation.scores).map(([name, both]) => rowOf(name, both)));
  });

  test('how far the model is ahead of each', () => {
    const ahead = Object.entries(evaluation['the model ahead of']);
    expect(listed('the model ahead of', 'AUC')).toEqual(ahead.map(([name, both]) => rowOf(name, both)));
  });

  test('what each view is worth', () => {
    const worth = Object.entries(evaluation['what a view is worth']);
    expect(listed('view', 'AUC, no row')).toEqual(
      worth.map(([view, { missing, 'never learned': never }]) => [
        ...rowOf(view, missing),
        ...rowOf(view, never).slice(1),
      ]),
    );
  });

  test('the counts and shares of its sentences', () => {
    const { AUC, 'NDCG@20': ndcg, 'share of flights with a known yesterday': known } = evaluation['judged on'];
    const { rows, 'late share': late, 'test log loss': loss } = card;
    const sentences = page.text.replaceAll(/\s+/g, ' ');
    for (const told of [
      `trained on ${grouped(rows.train)} flights of April to August and judged on ${grouped(rows.test)} of September`,
      `log loss is ${loss.model.toFixed(3)}, a constant's ${loss.constant.toFixed(3)}`,
      `(${percent(late.test)} late against ${percent(late.train)})`,
      `${grouped(ndcg.boards)} of them; ${ndcg['boards without an order']} more`,
      `whole days, ${AUC.days} of them`,
      `for ${percent(known)} of the flights`,
    ]) {
      expect(sentences).toContain(told);
    }
    expect(AUC.flights).toBe(rows.test);
    expect(ndcg.days).toBe(AUC.days);
  });
});

test('training and evaluation judge the same model', () => {
  const { scores, 'the model ahead of': ahead } = evaluation;
  const pulse = 'pulse.mean_delay alone';
  expect(card['test AUC']).toMatchObject({
    model: scores['the model'].AUC,
    [pulse]: scores[pulse].AUC,
    [`model ahead of ${pulse}`]: ahead[pulse].AUC,
  });
});

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, 'examples/flights/model', name), 'utf8'));
}

function shown({ value, low, high }: Figure): string {
  return `${signed(value)} (${signed(low)} to ${signed(high)})`;
}

/** To the third digit, with a minus sign rather than a hyphen, and no sign before what rounds to zero. */
function signed(value: number): string {
  const digits = Math.abs(value).toFixed(3);
  return value < 0 && Number(digits) !== 0 ? `−${digits}` : digits;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
