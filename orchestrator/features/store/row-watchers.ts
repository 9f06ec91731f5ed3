import type { RowWatcher } from '../source.ts';

/** Who keeps rows of a store, by table. Keys are told as the server has them: `project:table:part|part`. */
export class RowWatchers {
  readonly #project: string;
  readonly #tables = new Map<string, Set<RowWatcher>>();

  constructor(project: string) {
    this.#project = project;
  }

  /** Adds one; the function that is given takes it off again. */
  add(table: string, watcher: RowWatcher): () => void {
    const watchers = this.#tables.get(table) ?? new Set();
    this.#tables.set(table, watchers.add(watcher));
    return () => void watchers.delete(watcher);
  }

  /** Keys of other projects, and such as are no rows, are nobody's. */
  tellChanged(keys: readonly string[]): void {
    const changed = new Map<string, string[]>();
    const prefix = `${this.#project}:`;
    for (const key of keys) {
      const end = key.indexOf(':', prefix.length);
      if (end < 0 || !key.startsWith(prefix)) continue;
      const table = key.slice(prefix.length, end);
      const texts = changed.get(table) ?? [];
      texts.push(key.slice(end + 1));
      changed.set(table, texts);
    }
    for (const [table, texts] of changed) {
      for (const watcher of this.#tables.get(table) ?? []) watcher.onChanged(texts);
    }
  }

  tellLost(): void {
    for (const watchers of this.#tables.values()) for (const watcher of watchers) watcher.onLost();
  }
}
