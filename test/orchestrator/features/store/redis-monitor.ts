import { once } from 'node:events';
import type { Redis } from 'iovalkey';

/** Commands that have others: the second word is then of the name. */
const CONTAINERS = new Set(['cluster', 'sentinel']);

/** Listens to all that servers are sent, by anyone. Gives what ends that, and then tells the names of the commands. */
export async function listen(admins: readonly Redis[]): Promise<() => Promise<Set<string>>> {
  const sent = new Set<string>();
  const monitors = await Promise.all(
    admins.map(async (admin) => {
      await admin.ping();
      const monitor = await admin.monitor();
      monitor.on('monitor', (_time: string, [first, second]: string[]) => {
        const name = first.toLowerCase();
        if (name === 'echo') monitor.emit('over');
        else sent.add(CONTAINERS.has(name) ? `${name} ${second.toLowerCase()}` : name);
      });
      return monitor;
    }),
  );
  return async () => {
    const over = monitors.map((monitor) => once(monitor, 'over'));
    await Promise.all(admins.map((admin) => admin.echo('over')));
    await Promise.all(over);
    for (const monitor of monitors) monitor.disconnect();
    return sent;
  };
}
