import type { ChainableCommander, Redis } from 'iovalkey';
import type { RowBlock } from '../row-block.ts';
import type { FieldSpec, Row } from '../source.ts';
import type { RowForm } from './redis-newest-script.ts';
import type { CommandReply } from './redis-pipeline.ts';

/** What rows are asked for by: a client, or what gathers what is asked of it. */
export type RowClient = Pick<Redis, 'pipeline'> & { mgetBuffer(keys: string[]): Promise<(Buffer | null)[]> };

/** The rows of one list of fields, as an encoding keeps them. */
export interface RowReader<Reply = unknown> {
  /** Asks for some keys in one write; one reply a key, in their order. In a cluster the keys are of one slot. */
  ask(client: RowClient, keys: readonly string[]): Promise<readonly Reply[]>;
  /** Adds the one command that asks for a key alone. */
  askAlone(pipeline: ChainableCommander, key: string): void;
  /** The key's reply, from what that command gave; undefined where it was refused for more than what the key holds. */
  replyOf(given: CommandReply): Reply | undefined;
  /** Lays one key's reply down as row `row` of the block. */
  lay(reply: Reply, block: RowBlock, row: number): void;
}

/** A row that is ready to be sent. */
export interface RowWrite {
  key: string;
  /** About how many bytes it is on the wire, for back-pressure. */
  size: number;
  /** Adds the commands that put the row in the place of what was there. */
  send(pipeline: ChainableCommander): void;
}

/** How rows lie in a store of the Redis family: the seam between servers and encoding. */
export interface RedisRows {
  readonly form: RowForm;
  reader(fields: readonly FieldSpec[]): RowReader;
  /**
   * Makes the writes of one table's rows. Throws AppError INVALID_INPUT where a row cannot be said. `expiryMs`
   * undefined: rows stay.
   */
  writer(table: string, expiryMs: number | undefined): (key: string, row: Row) => RowWrite;
  /** A table's rows as the commands take them: the value, or names and texts. Throws as the writer does. */
  encoder(table: string): (row: Row) => readonly (string | Buffer)[];
}
