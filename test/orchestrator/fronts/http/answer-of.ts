import type { Answer } from '../../../../orchestrator/predict/call.ts';

/** The moment that the answers are about. */
export const AS_OF = Date.UTC(2013, 4, 5, 13);

/** An answer that has nothing to say but what is given. */
export const answerOf = (given: Partial<Answer>): Answer => ({
  rows: given.outputs?.[0]?.values.length ?? 1,
  outputs: [],
  gathered: [],
  ids: undefined,
  ranking: undefined,
  degraded: [],
  errors: [],
  fallback: undefined,
  revision: 'r',
  modelVersion: '1',
  asOfMs: AS_OF,
  timing: { decode: 0, features: 0, matrix: 0, model: 0, total: 0 },
  release: () => {},
  ...given,
});
