/** The types of inputs, fields and on-demand features. Lists and bytes are not built yet. */
export const SCALAR_TYPES = ['bool', 'int64', 'double', 'string', 'timestamp'] as const;
export type ScalarType = (typeof SCALAR_TYPES)[number];

/**
 * The values of one column. Numbers of every type (bool 0/1, int64, double, timestamp in epoch ms) sit in a
 * Float64Array with NaN for null; strings in an array with null for null.
 */
export type Values = Float64Array | (string | null)[];
