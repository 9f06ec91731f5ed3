import type { ChainableCommander, Redis } from 'iovalkey';
import type { RowBlock } from '../row-block.ts';
import type { FieldSpec, Row } from '../source.ts';
import type { RowForm } from './redis-newest-script.ts';
import type { CommandReply } from './redis-pipeline.ts';
import type { TakeValue } from './redis-mget.ts';

/** What rows are asked for by: a client, or what gathers what is asked of it. */
export interface RowClient extends Pick<Redis, 'pipeline'> {
  /** Gives the values of keys, by one command, and then resolves. */
  values(keys: readonly string[], onValue: TakeValue): Promise<void>;
}

/** Where the rows of some keys are laid down: that of key i as row `rows[i]` of the block. */
export interface RowPlaces {
  block: RowBlock;
  rows: readonly number[];
  /** Nobody waits any longer: the block is not to be touched. */
  isOver: boolean;
}

/** The rows of one list of fields, as an encoding keeps them. */
export interface RowReader {
  /** Asks for some keys in one write, and lays down what comes. In a cluster the keys are of one slot. */
  read(client: RowClient, keys: readonly string[], places: RowPlaces): Promise<void>;
  /** Adds the one command that asks for a key alone. */
  askAlone(pipeline: ChainableCommander, key: string): void;
  /** Lays down what that command gave; false where it was refused for more than what the key holds. */
  layAlone(given: CommandReply, block: RowBlock, row: number): boolean;
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
