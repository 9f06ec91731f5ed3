import type { CheckedConfig, LoadResult } from '../config/checked.ts';
import { loadConfig } from '../config/load.ts';
import type { App } from '../orchestrator/app.ts';
import type { Reloaded } from '../orchestrator/deployment/reload.ts';
import { tellProblems } from './load.ts';
import { watchFiles, type FileWatch } from './watch-files.ts';

/**
 * The configuration of a running server as its files have it: watched from before the server starts, so that no save is
 * missed, and read again whenever one of them changes. Bad files are told on stderr, as at the start.
 */
export class LiveConfig {
  readonly #file: string;
  readonly #overlays: readonly string[];
  readonly #onOthers: (changed: readonly string[]) => void;
  readonly #watch: FileWatch;
  #files: ReadonlySet<string>;
  #others: ReadonlySet<string> = new Set();
  #app: App | undefined;
  #isStale = false;

  /** `onOthers` is told of changed paths among those that `watchToo` names. */
  constructor(
    checked: CheckedConfig,
    overlays: readonly string[],
    onOthers: (changed: readonly string[]) => void = () => undefined,
  ) {
    this.#file = checked.file;
    this.#overlays = overlays;
    this.#onOthers = onOthers;
    this.#files = new Set(checked.files);
    this.#watch = watchFiles(checked.files, (changed) => this.#onChange(changed));
  }

  load(): LoadResult {
    return loadConfig(this.#file, process.env, this.#overlays);
  }

  /** From now on a change reloads `app`; one that came before does so at once. */
  follow(app: App): void {
    this.#app = app;
    if (this.#isStale) void app.reload();
  }

  /** For the app's `onReloaded`: tells the problems, and watches the files that were read this time. */
  told({ problems, files }: Reloaded, watchToo: readonly string[] = []): void {
    tellProblems(problems);
    this.#files = new Set(files);
    this.watchToo(watchToo);
  }

  watchToo(paths: readonly string[]): void {
    this.#others = new Set(paths);
    this.#watch.update([...new Set([...this.#files, ...paths])]);
  }

  close(): void {
    this.#watch.close();
  }

  #onChange(changed: readonly string[]): void {
    if (changed.some((path) => this.#files.has(path))) {
      this.#isStale = true;
      void this.#app?.reload();
    }
    // A model's file may be both: what the configuration read its columns from, and what its wrapper hosts.
    const others = changed.filter((path) => this.#others.has(path));
    if (others.length > 0) this.#onOthers(others);
  }
}
