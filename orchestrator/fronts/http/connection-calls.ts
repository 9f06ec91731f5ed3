import type { Socket } from 'node:net';
import { CallSignal } from '../../../foundation/cancel-signal.ts';

/** The calls that each connection waits for: one listener a connection tells them all when the caller goes. */
const calls = new WeakMap<Socket, Set<CallSignal>>();

/** Runs a call with a signal that is aborted when its connection closes before it has settled. */
export async function whileConnected<T>(socket: Socket, run: (signal: CallSignal) => Promise<T>): Promise<T> {
  const waiting = calls.get(socket) ?? watch(socket);
  const signal = new CallSignal();
  waiting.add(signal);
  try {
    return await run(signal);
  } finally {
    waiting.delete(signal);
  }
}

function watch(socket: Socket): Set<CallSignal> {
  const waiting = new Set<CallSignal>();
  calls.set(socket, waiting);
  socket.once('close', () => {
    for (const signal of waiting) signal.abort();
  });
  return waiting;
}
