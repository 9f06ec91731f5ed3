/** What a server of ours lists in `ServerMetadata.extensions`. */

/** It speaks parts.ts on `ModelStreamInfer`. */
export const STREAM_EXTENSION = 'tandem.stream.v1';
/** It speaks the same messages as frames (frames.ts), on a second Unix socket beside its own. */
export const FRAMES_EXTENSION = 'tandem.frames.v1';
/** The rows of one call of its model belong together: a caller must not split them. */
export const ATOMIC_EXTENSION = 'tandem.atomic.v1';
const REPLICAS = 'tandem.replicas.';

/** Its model is hosted by so many processes; replicaAddress says where. */
export const replicasExtension = (count: number): string => `${REPLICAS}${count}`;

/** How many processes host the model of a server with these extensions. */
export function replicasOf(extensions: readonly string[]): number {
  const told = extensions.find((extension) => extension.startsWith(REPLICAS));
  return told === undefined ? 1 : Number.parseInt(told.slice(REPLICAS.length), 10);
}
