import { z } from 'zod';
import { SCALAR_TYPES } from '../cel/types.ts';
import { parseDurationMs, parseSizeBytes } from '../foundation/duration.ts';
import type { Rule } from './rules.ts';
import { Secret } from './secret.ts';

/** Names of views, on-demand features, inputs, fields: what a CEL text can say. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names of models, stores, services and projects: what a path, a key and a metric label can carry. */
const LABEL = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

export const name = z.string().regex(NAME, 'a name is letters, digits and _, and does not begin with a digit');
export const label = z.string().regex(LABEL, 'a name here is up to 63 letters, digits, "-", "_" and "."');

/** A text that a parser reads into a number; what it cannot read breaks `rule`. `form` is what schema.json says of it. */
function measured(parse: (text: string) => number | undefined, form: RegExp, rule: Rule, problem: string) {
  return z
    .string({ error: problem })
    .meta({ pattern: form.source })
    .transform((text, context) => {
      const parsed = parse(text);
      if (parsed === undefined) context.addIssue({ code: 'custom', message: problem, params: { rule } });
      return parsed ?? z.NEVER;
    });
}

/** A duration, read into milliseconds. */
export const duration = measured(
  parseDurationMs,
  /^\d+(\.\d+)?(ms|s|m|h|d)$|\$\{/,
  'DURATION_SYNTAX',
  'a duration is a number with its unit: 80ms, 2s, 10m, 24h, 30d',
);
/** A size, read into bytes. */
export const size = measured(
  parseSizeBytes,
  /^\d+(\.\d+)?(B|KiB|MiB|GiB)$|\$\{/,
  'SIZE_SYNTAX',
  'a size is a number with its unit: 512B, 64KiB, 1MiB',
);

export const scalarType = z.enum(SCALAR_TYPES);
/** `string` or, in inputs, `"string?"` for one that may be left out or null. */
export const inputType = z
  .enum([...SCALAR_TYPES, ...SCALAR_TYPES.map((type) => `${type}?` as const)])
  .transform((text) => ({
    type: text.replace('?', '') as z.infer<typeof scalarType>,
    optional: text.endsWith('?'),
  }));
export const literal = z.union([z.string(), z.number(), z.boolean()]);
/** YAML reads the bare word `null` as no value; where a policy is asked for it is the word. */
export const nullWord = z.null().transform(() => 'null' as const);
export const policy = z.union([z.enum(['default', 'null', 'fail']), nullWord]);
/** What a process listens on: a name, or an IPv4 or IPv6 address. */
export const host = z.string().regex(/^[A-Za-z0-9._:%-]+$/, 'a host is a name or an address, without a port');
export const port = z.int().min(0).max(65_535);
/** A CEL text; a bare dotted name is the CEL that is only that name. Numbers and booleans are written as they are. */
export const cel = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** A text that may be `secret:file:PATH` or `secret:env:NAME`, which are read when they are used and shown nowhere. */
export const secret = z.string().transform((text, context) => {
  const parsed = Secret.parse(text);
  if (parsed === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'a secret is `secret:file:PATH` or `secret:env:NAME`',
      params: { rule: 'SECRET_SYNTAX' satisfies Rule },
    });
    return z.NEVER;
  }
  return parsed;
});

export function hasEntries(map: Record<string, unknown>): boolean {
  return Object.keys(map).length > 0;
}
