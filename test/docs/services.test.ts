import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../orchestrator/features/service/body.ts';
import { OPEN_MS } from '../../orchestrator/features/breaker.ts';
import { OUTCOMES } from '../../orchestrator/features/service/outcome.ts';
import { pathSegment } from '../../orchestrator/features/service/path-template.ts';
import { STATUSES } from '../../orchestrator/plan/column.ts';
import { codeOf, readPages, tableRows } from './markdown.ts';

const page = (await readPages()).find(({ file }) => file.endsWith('services.md'))!;

describe('docs/services.md has', () => {
  test('every outcome of a try, with what becomes of the value, of the call and of the breaker', () => {
    const listed = tableRows(page, 'answer', 'value').map(([, value, retried, failure, outcome]) => [
      codeOf(outcome),
      { status: /^(?:TIMEOUT|ERROR)$/.exec(value)?.[0], isRetried: retried === 'yes', isFailure: failure === 'yes' },
    ]);
    const known = Object.entries(OUTCOMES).map(([outcome, { status, isRetried, isFailure }]) => [
      outcome,
      { status: outcome === 'cancelled' || status === undefined ? undefined : STATUSES[status], isRetried, isFailure },
    ]);
    expect(listed).toEqual(known);
  });

  test('values in paths as they are written', () => {
    for (const [values, becomes] of tableRows(page, 'value in a path segment')) {
      const wanted = becomes === 'not asked for' ? undefined : codeOf(becomes);
      const shown = [...values.matchAll(/`([^`]+)`/g)].map(([, value]) => pathSegment(value));
      expect(new Set(shown)).toEqual(new Set([wanted]));
    }
  });

  test('the bounds', () => {
    expect(page.text).toContain(`${MAX_BODY_BYTES / 2 ** 20} MiB`);
    expect(page.text).toContain(`For ${OPEN_MS / 1000} s no call`);
  });
});
