import { z } from 'zod';
import { cel, literal, name, policy, scalarType } from './scalars.ts';

/** A feature made at request time: an expression, or a function of the researcher's file over whole columns. */
export const onDemandSchema = z.strictObject({
  type: scalarType,
  cel: cel.optional(),
  /** `./features.py:rush`, relative to the YAML. */
  function: z.string().min(1).optional(),
  /** The function takes the columns of all rows at once. */
  batch: z.boolean().default(false),
  /** What it is called with, by keyword. */
  args: z.record(name, cel).default({}),
  /** Stands for the result of a call that failed. */
  default: literal.optional(),
  onError: policy.default('default'),
});
