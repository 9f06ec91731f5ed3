/**
 * A name as all formats can write it: LightGBM has an underscore for white space, skl2onnx for whatever is no letter or
 * digit, and so have tables whose columns are named after `view.field`.
 */
export function nameKey(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}]/gu, '_');
}
