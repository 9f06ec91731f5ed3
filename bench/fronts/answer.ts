/** The work of the route, the same behind both fronts: parse the body, wait as for a model, give a number an instance. */
export async function answer(body: string): Promise<string> {
  const { instances } = JSON.parse(body) as { instances: { id: string }[] };
  await Promise.resolve();
  return JSON.stringify({ predictions: instances.map(({ id }) => id.length / 8) });
}

/** What a reply carries beside its body. */
export const MODEL_VERSION = '1106a93d6c4f';
