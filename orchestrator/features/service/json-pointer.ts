/** Reads one place of a JSON value; undefined where it is not there. */
export type ReadPlace = (value: unknown) => unknown;

const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * A JSON Pointer (RFC 6901) as a closure. Only what the JSON itself has is read, never what every object or list
 * inherits; the text has been checked with the configuration.
 */
export function compilePointer(pointer: string): ReadPlace {
  const steps = pointerTokens(pointer).map(compileStep);
  const [first, second] = steps;
  if (first === undefined) return (value) => value;
  if (steps.length === 1) return first;
  if (steps.length === 2 && second !== undefined) return (value) => second(first(value));
  return (value) => {
    let place = value;
    for (let at = 0; at < steps.length; at++) place = steps[at](place);
    return place;
  };
}

/** The pointer of a member: `a/b` is `/a~1b`. */
export function pointerTo(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The unescaped names of a pointer's steps. `~01` is `~1`: `~1` is read first, as section 4 says. */
export function pointerTokens(pointer: string): string[] {
  const [, ...tokens] = pointer.split('/');
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function compileStep(name: string): ReadPlace {
  const index = INDEX.test(name) ? Number(name) : -1;
  const isInherited = name in Object.prototype;
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) return index < 0 ? undefined : (value[index] as unknown);
    if (isInherited && !Object.hasOwn(value, name)) return undefined;
    return (value as Record<string, unknown>)[name];
  };
}
