import type { z } from 'zod';
import { configSchema } from './schema.ts';

/** A schema node as Zod describes it: the parts of its `def` by which one goes down. */
interface Definition {
  type: string;
  shape?: Record<string, z.ZodType>;
  innerType?: z.ZodType;
  in?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  options?: readonly z.ZodType[];
}

/** The keys that the schema knows for the map at the path; none where it is no map or its keys are names. */
export function knownKeys(path: readonly (string | number)[]): string[] {
  let level: Definition[] = unwrap(configSchema);
  for (const step of path) level = level.flatMap((definition) => below(definition, step)).flatMap(unwrap);
  return level.flatMap((definition) => Object.keys(definition.shape ?? {}));
}

/** Every key of the schema, as a path in which `*` stands for a name or an index: `views.*.maxAge`. */
export function allKeyPaths(): string[] {
  const paths: string[] = [];
  const walk = (schema: z.ZodType, path: string): void => {
    for (const definition of unwrap(schema)) {
      for (const [key, inner] of Object.entries(definition.shape ?? {})) {
        const here = path === '' ? key : `${path}.${key}`;
        paths.push(here);
        walk(inner, here);
      }
      const items = definition.valueType ?? definition.element;
      if (items) walk(items, `${path}.*`);
    }
  };
  walk(configSchema, '');
  return paths;
}

function below(definition: Definition, step: string | number): z.ZodType[] {
  const { shape, valueType, element } = definition;
  const inner = shape ? (Object.hasOwn(shape, step) ? shape[step] : undefined) : (valueType ?? element);
  return inner ? [inner] : [];
}

/** What a schema is under its defaults, options and transforms: a union gives several. */
function unwrap(schema: z.ZodType): Definition[] {
  const definition = schema.def as Definition;
  const inner = definition.innerType ?? definition.in;
  if (inner) return unwrap(inner);
  return definition.options ? definition.options.flatMap(unwrap) : [definition];
}
