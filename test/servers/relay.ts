import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A port of the loopback that leads to another one: the address that stays while what is behind it moves. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.#server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ]) {
        this.#sockets.add(socket);
        // An end that breaks breaks the other: what is between two programs is no error of the test's.
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
    });
  }

  static async open(port: number, target: number): Promise<Relay> {
    const relay = new Relay(target);
    relay.#server.listen(port, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  /** How many are connected. */
  get clients(): number {
    return this.#sockets.size / 2;
  }

  /** Ends what goes through it; then nobody listens on the port. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
