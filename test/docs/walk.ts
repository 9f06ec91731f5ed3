import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runOn, type RunningOn } from './run-on.ts';
import type { Block } from './markdown.ts';
import { commandsOf } from './shell.ts';

const run = promisify(execFile);
/** Where the page's `dev` listens; a test's listens where it is free. */
const ADDRESS = '127.0.0.1:8080';

/**
 * A page that is walked from its first block to its last, in one folder. Commands are run in bash; a mark above another
 * block says what it is: `printed` (lines that the last command printed), `answered` (its JSON), `said` (lines of what
 * `dev` says by now or soon), `writes FILE`, and `edits FILE` (a diff).
 */
export class Walk implements AsyncDisposable {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #printed = '';
  #dev: RunningOn | undefined;

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Takes one block; throws what is not as the page says. */
  async take({ language, mark = '', text }: Block): Promise<void> {
    const [verb, file = ''] = mark.split(' ');
    if (language === 'sh') {
      for (const command of commandsOf(text)) this.#printed = await this.#run(command);
    } else if (verb === 'printed') {
      const missing = text.split('\n').filter((line) => !this.#printed.includes(line));
      if (missing.length > 0) throw new Error(`not printed: ${missing.join('\n')}\nbut: ${this.#printed}`);
    } else if (verb === 'answered') {
      const [answer, shown] = [this.#printed, text].map(rounded);
      if (answer !== shown) throw new Error(`answered ${answer}, not ${shown}`);
    } else if (verb === 'said') {
      for (const line of text.split('\n')) await this.#dev?.until(line);
    } else if (verb === 'writes') {
      await writeFile(join(this.#folder, file), `${text}\n`);
    } else if (verb === 'edits') {
      await this.#edit(join(this.#folder, file), text.split('\n'));
    } else throw new Error(`a block of ${language} that says not what it is`);
  }

  async #run(command: string): Promise<string> {
    const options = { cwd: this.#folder, env: this.#env };
    if (command.startsWith('npx tandem dev')) {
      this.#dev = runOn(`${command} --port 0 --admin-port 0`, options);
      await this.#dev.until('"event":"ready"');
      return '';
    }
    const http = this.#dev?.heard(/"http":"([^"]+)"/) ?? ADDRESS;
    // What fails has printed too: the page goes on with what it said.
    const { stdout, stderr } = await run('bash', ['-c', command.replace(ADDRESS, http)], options).catch(
      (failed: { stdout: string; stderr: string }) => failed,
    );
    // An answer is JSON alone; only what fails, or warns, speaks on both.
    return stdout === '' || command.startsWith('npx') ? stdout + stderr : stdout;
  }

  /** Lines of a diff that stay or go must be in the file, once. */
  async #edit(file: string, lines: readonly string[]): Promise<void> {
    const text = await readFile(file, 'utf8');
    const side = (sign: string): string =>
      lines.flatMap((line) => (line.startsWith(sign) ? [] : [`${line.slice(1)}\n`])).join('');
    const [before, after] = [side('+'), side('-')];
    if (text.split(before).length !== 2) throw new Error(`not there once:\n${before}`);
    await writeFile(
      file,
      text.replace(before, () => after),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dev?.interrupt();
  }
}

/** JSON as one text, its numbers to four digits: as many as a page shows. */
function rounded(json: string): string {
  return JSON.stringify(JSON.parse(json), (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toFixed(4)) : value,
  );
}
