const DISAGREE = 'is a cluster, whose servers disagree, or which is not said to be one (write `cluster: true`)';

/** The first words of a server's errors, and what they are to a person. What follows them may name keys and servers. */
const REFUSALS: Readonly<Record<string, string>> = {
  OOM: 'is full (maxmemory), and takes no rows until there is room',
  READONLY: 'is a replica, which takes no rows',
  MISCONF: 'cannot save its data to disk, and takes no rows until it can',
  NOPERM: 'does not allow this user the command',
  NOAUTH: 'asks for a password',
  WRONGPASS: 'does not know the user or the password',
  LOADING: 'is still loading its data',
  CLUSTERDOWN: 'is a cluster of which a part is down',
  MOVED: DISAGREE,
  ASK: DISAGREE,
  CROSSSLOT: DISAGREE,
};

/** A server has said no; other failures are of the connection. */
export const isRefusal = (cause: unknown): cause is Error => cause instanceof Error && cause.name === 'ReplyError';

/** The end of a sentence about a store that refused a command with this error. */
export function refusedAs(error: string): string {
  const [word = ''] = error.split(' ', 1);
  return Object.hasOwn(REFUSALS, word) ? REFUSALS[word] : 'refused the command';
}
