/** Why a text is no JSON Pointer (RFC 6901), as the end of a sentence; undefined where it is one. */
export function pointerProblem(text: string): string | undefined {
  if (text === '') return undefined;
  if (!text.startsWith('/')) {
    const mend = `/${text.replace(/^\$?\.?/, '').replaceAll('.', '/')}`;
    return `is no JSON Pointer: one begins with /, as \`${mend}\``;
  }
  return /~(?![01])/.test(text) ? 'is no JSON Pointer: a ~ is written ~0' : undefined;
}
