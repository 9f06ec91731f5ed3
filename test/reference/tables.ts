import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

const DATA = fileURLToPath(new URL('../../examples/flights/data/', import.meta.url));

/** A row of a table: numbers, texts and nulls; moments are epoch ms. */
export type Row = Record<string, string | number | null>;

/** The example's tables by key: the key's parts joined by a space (no part has one), hours in epoch ms. */
export interface Tables {
  plane: Map<string, Row>;
  route: Map<string, Row>;
  pulse: Map<string, Row>;
  weather: Map<string, Row>;
  airport: Map<string, Row>;
}

/** Reads the example's files, with nothing of Tandem's code. */
export async function readTables(): Promise<Tables> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const read = async (file: string, columns: string, key: (row: Row) => string): Promise<Map<string, Row>> => {
    const result = await connection.runAndReadAll(`select ${columns} from '${DATA}${file}'`);
    const rows = result.getRowObjectsJS() as unknown as Row[];
    return new Map(rows.map((row) => [key(row), row]));
  };
  try {
    return {
      plane: await read(
        'planes.parquet',
        'tailnum, year::double as year, seats::double as seats',
        (row) => `${row.tailnum}`,
      ),
      route: await read(
        'routes.parquet',
        `origin, dest, late_share, ${ms('_ts')}`,
        (row) => `${row.origin} ${row.dest}`,
      ),
      pulse: await read('pulse.parquet', `${ms('hour')}, mean_delay`, (row) => `${row.hour}`),
      weather: await read(
        'observations.csv.gz',
        `origin, ${ms('hour')}, temp, wind_speed as wind`,
        (row) => `${row.origin} ${row.hour}`,
      ),
      airport: await read('airports.parquet', 'faa, tz::double as tz', (row) => `${row.faa}`),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A moment's column as epoch ms. */
function ms(column: string): string {
  return `epoch_ms(${column})::double as ${column}`;
}
