import { connect } from 'node:net';

/** Why nobody can be connected to at this Unix socket; undefined where somebody accepted, who is hung up on at once. */
export function connectError(path: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', resolve);
  });
}
