import { partJson, type KeyPart } from './key-parts.ts';

/** The body that asks for keys, each as `keyObject` wrote it. */
export type WriteBody = (keys: readonly string[]) => string;

/**
 * The configured body as a writer: the text `$keys`, wherever it is a value, becomes the list of keys. In JSON without
 * spaces `"$keys"` can only be that whole text, for a quote within one is escaped; before a colon it is a name.
 */
export function compileBody(body: unknown): WriteBody {
  const pieces = JSON.stringify(body).split(/"\$keys"(?!:)/);
  return (keys) => pieces.join(`[${keys.join(',')}]`);
}

/** A key as a JSON object of its parts, typed; undefined where JSON cannot say one of them. */
export function compileKeyObject(parts: readonly KeyPart[]): (values: readonly string[]) => string | undefined {
  const names = parts.map(({ part }) => JSON.stringify(part));
  return (values) => {
    let text = '{';
    for (let at = 0; at < parts.length; at++) {
      const json = partJson(parts[at].type, values[at]);
      if (json === undefined) return undefined;
      text += `${at === 0 ? '' : ','}${names[at]}:${json}`;
    }
    return `${text}}`;
  };
}
