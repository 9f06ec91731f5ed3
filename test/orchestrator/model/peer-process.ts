/** The echoing peer in a process of its own, so that a test can stop and kill it. Its argument is the socket's folder. */
import { echo, startPeer } from './peer.ts';

await startPeer({ onParts: (parts, reply) => reply(parts.map(echo)) }, process.argv[2]);
process.stdout.write('listening\n');
