import { relative } from 'node:path';
import type { CheckedConfig, LoadResult, Problem } from '../../config/checked.ts';
import { formatProblem } from '../../config/print.ts';
import { AppError } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/telemetry/logger.ts';
import type { Applied, Change } from './apply.ts';
import { changesOf, nextStartChanges, wrapperChanges } from './changes.ts';
import { pickedElsewhere } from './picked-elsewhere.ts';
import type { Revisions } from './revisions.ts';

export type ReloadResult = 'applied' | 'unchanged' | 'refused';

export interface Reloaded {
  result: ReloadResult;
  /** The revision that runs now. */
  revision: string;
  /** What is different from before, as `changesOf` writes it. */
  changes: string[];
  /** Keys that were changed and wait for the next start of their process. */
  nextStart: string[];
  /** Of the configuration, and of opening what it names. */
  problems: Problem[];
  /** Every file that was read or looked for. */
  files: readonly string[];
}

export interface ReloadOptions {
  revisions: Revisions;
  /** Reads the configuration again, from the files of the start. */
  load(): LoadResult;
  apply(change: Change): Promise<Applied>;
  /** Told of every reload, before who asked for it. */
  onReloaded(reloaded: Reloaded): void;
  /** True where whoever started this process starts the wrappers again too: then nothing waits for them. */
  startsWrappers: boolean;
  logger: Logger;
}

/** Reads the files again and applies what they say, or tells what is wrong with them while the running revision goes on. */
export class Reloader {
  readonly #options: ReloadOptions;
  readonly #started: CheckedConfig;
  #running: Promise<unknown> = Promise.resolve();
  #waiting: Promise<Reloaded> | undefined;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#started = options.revisions.current.checked;
  }

  /** One reload runs at a time; those who ask while one waits for its turn share it, since it reads the files then. */
  reload(): Promise<Reloaded> {
    if (this.#waiting !== undefined) return this.#waiting;
    const waiting = this.#running.then(() => {
      this.#waiting = undefined;
      return this.#reload();
    });
    this.#waiting = waiting;
    this.#running = waiting.catch(() => undefined);
    return waiting;
  }

  async #reload(): Promise<Reloaded> {
    const { revisions, startsWrappers, logger } = this.#options;
    const { checked: before, revision } = revisions.current;
    const { checked, problems, files } = this.#options.load();
    const elsewhere = checked && !startsWrappers ? pickedElsewhere(revisions.current.checked, checked) : [];
    const isTaken = checked && elsewhere.length === 0;
    const applied = isTaken ? await this.#options.apply({ checked }) : { revision, problems: elsewhere };
    const isRefused = applied.problems !== undefined;
    const changes = checked ? changesOf(before.config, checked.config) : [];
    const reloaded: Reloaded = {
      result: isRefused ? 'refused' : applied.revision === revision ? 'unchanged' : 'applied',
      revision: applied.revision,
      changes,
      nextStart: isRefused || !checked ? [] : this.#nextStart(before, checked),
      problems: [...problems, ...(applied.problems ?? [])],
      files,
    };
    if (!isRefused && checked) logger.level = checked.config.telemetry.logs.level;
    this.#log(reloaded);
    this.#options.onReloaded(reloaded);
    return reloaded;
  }

  #nextStart(before: CheckedConfig, after: CheckedConfig): string[] {
    const wrappers = this.#options.startsWrappers ? [] : [...wrapperChanges(before.config, after.config).values()];
    return [...nextStartChanges(this.#started.config, after.config), ...wrappers.flat()];
  }

  #log({ result, revision, changes, nextStart, problems }: Reloaded): void {
    const { logger } = this.#options;
    if (result === 'refused') {
      const lines = problems.map((problem) => formatProblem(problem));
      logger.error({ revision, problems: lines }, 'the configuration was not taken, and the revision before runs on');
      return;
    }
    logger.info({ revision, changes }, result === 'applied' ? 'reloaded' : 'reloaded, with nothing changed');
    if (nextStart.length > 0) logger.warn({ keys: nextStart }, 'these keys take effect at the next start');
  }
}

/** The answer of an operator who asked for a reload. Throws INVALID_INPUT, or the code of what could not be opened. */
export function reloadAnswer({ result, revision, changes, nextStart, problems }: Reloaded, folder: string): object {
  if (result !== 'refused') return { revision, result, changes, nextStart };
  const errors = problems.filter(({ severity }) => severity === 'error');
  const isOurs = errors.length > 0 && errors.every(({ code }) => code === 'NOT_READY');
  const message = `The configuration was not taken; revision ${revision} runs on.`;
  throw new AppError(isOurs ? 'NOT_READY' : 'INVALID_INPUT', message, {
    details: errors.map((problem) => ({
      field: `${relative(folder, problem.file)}:${problem.line}:${problem.column}`,
      problem: `${problem.code} ${problem.message}`,
    })),
  });
}
