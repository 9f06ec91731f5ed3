import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tandem, type Ran } from './tandem.ts';

const YAML = `
version: 1
project: nyc
inputs: { instance: { tailnum: string } }
stores: { online: { type: lmdb }, spare: { type: lmdb } }
views:
  plane: { store: online, key: { tailnum: instance.tailnum }, fields: { year: int64 } }
  maker: { store: spare, key: { tailnum: instance.tailnum }, fields: { since: int64 } }
models: { m: { features: [plane.year, maker.since] } }
`;

let folder: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-ingest-'));
  await writeFile(path('tandem.yaml'), YAML);
  await writeFile(path('good.csv'), 'tailnum,year\nN1,2004\nN2,\n');
  await writeFile(path('bad.csv'), 'tailnum,year,seats\nN1,x,4\n,2004,4\nN3,2005,4\nN4,y,4\n');
});
afterAll(() => rm(folder, { recursive: true }));

const ingest = (...args: string[]): Promise<Ran> => tandem('ingest', path('tandem.yaml'), '--view', 'plane', ...args);

describe('tandem ingest', () => {
  it('tells in one line what it wrote', async () => {
    expect(await ingest(path('good.csv'))).toEqual({ exit: 0, out: '2 of 2 rows written.\n', err: '' });
    expect(await ingest(path('*d.csv'), '--store', 'online', '--store', 'spare', '--max-errors', '3')).toMatchObject({
      exit: 1,
      out: '3 of 6 rows written to online, 3 to spare, 3 bad.\n',
    });
  });

  it('lists bad rows with file, line, column and problem, and exits 1', async () => {
    expect(await ingest(path('bad.csv'))).toEqual({
      exit: 1,
      out: '1 of 4 rows written, 3 bad.\n',
      err: [
        `${path('bad.csv')} line 2: column year: must be a whole number, is "x"`,
        `${path('bad.csv')} line 3: column tailnum: is null, and it is part of the key`,
        `${path('bad.csv')} line 5: column year: must be a whole number, is "y"`,
        `${path('bad.csv')}: not read: seats\n`,
      ].join('\n'),
    });
  });

  it('ends at one bad row more than may be', async () => {
    const { exit, out, err } = await ingest(path('bad.csv'), '--max-errors', '1', '--rejects', path('rejects.jsonl'));
    expect({ exit, out }).toEqual({ exit: 1, out: '0 of 2 rows written, 2 bad, not all.\n' });
    expect(err).toContain('More than 1 rows are bad (--max-errors): the rows behind were not read.');
    expect((await readFile(path('rejects.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
  });

  it('reads SQL, with columns under other names, and tells machines in JSON', async () => {
    const sql = `SELECT 'N' || range AS tail, range::INT AS built, TIMESTAMP '2013-01-01' AS seen FROM range(3)`;
    const names = ['--map', 'tailnum=tail', '--map', 'year=built', '--map', '_ts=seen', '--newest'];
    const { exit, out, err } = await ingest('--sql', sql, ...names, '--json');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      rows: 3,
      resumed: 0,
      bad: 0,
      badRows: [],
      ended: 'done',
      stores: [{ name: 'online', written: 3, kept: 0 }],
      seconds: expect.any(Number) as number,
      rowsPerSecond: expect.any(Number) as number,
    });
  });

  it('writes nothing and opens no store in a dry run', async () => {
    const stateDir = path('dry');
    const ran = await ingest(path('bad.csv'), '--dry-run', '--state-dir', stateDir);
    expect(ran).toMatchObject({ exit: 1, out: '1 of 4 rows can be written, and none is (--dry-run), 3 bad.\n' });
    expect(existsSync(stateDir)).toBe(false);
  });

  it.each([
    [[], 'Rows come from data files or from --sql: give one of the two.'],
    [['x.csv', '--sql', 'SELECT 1'], 'Rows come from data files or from --sql: give one of the two.'],
    [['x.csv'], 'x.csv cannot be read: there is no such file.'],
    [['x.xlsx'], 'x.xlsx: the name of a data file ends in'],
    [['x.csv', '--store', 'spar'], 'There is no store "spar", did you mean `spare`?'],
    [['x.csv', '--dry-run', '--checkpoint', 'c.json'], 'leave --checkpoint out'],
    [['x.csv', '--expiry', '3 days'], 'it is a duration'],
    [['x.csv', '--max-errors', '-1'], 'it is a whole number'],
    [['x.csv', '--map', 'year'], 'it is FIELD=COLUMN'],
    [['x.csv', '--map', 'year=a', '--map', 'year=b'], 'year is given twice'],
    [['--sql', 'SELECT 1 AS tailnum'], '--sql has no column "year"'],
  ])('exits 2 for %j', async (args, problem) => {
    const { exit, out, err } = await ingest(...args);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(problem);
    expect(err).not.toContain('    at ');
  });

  it('exits 2 where the store knows no expiry', async () => {
    expect(await ingest(path('good.csv'), '--expiry', '30d')).toEqual({
      exit: 2,
      out: '',
      err: 'Rows of an lmdb store do not expire.\n',
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends behind its batch on %s, exits %d, and goes on by its checkpoint', async (signal, code) => {
    const rows = Array.from({ length: 600_000 }, (_, at) => `N${at},${at}\n`);
    const file = path(`${signal}.csv`);
    await writeFile(file, `tailnum,year\n${rows.join('')}`);
    const checkpoint = path(`${signal}.json`);
    const args = [file, '--checkpoint', checkpoint, '--state-dir', path(signal)];
    const child = spawn(process.execPath, ['cli/main.ts', 'ingest', path('tandem.yaml'), '--view', 'plane', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
    for await (const { filename } of watch(folder)) if (filename === `${signal}.json`) break;
    child.kill(signal);
    const [[exit], out, err] = (await ended) as [[number], string, string];
    expect(exit).toBe(code);
    expect(err).toBe(`Ended by ${signal}. The same command goes on from here.\n`);
    const [, written, read] = /^(\d+) of (\d+) rows written, not all\./.exec(out)!.map(Number);
    expect(written).toBe(read);
    expect(written).toBeLessThan(600_000);
    const again = await ingest(...args);
    expect(again).toMatchObject({ exit: 0, err: '' });
    expect(again.out).toMatch(`600000 of 600000 rows written, ${written} of them by the runs before.`);
    expect(existsSync(checkpoint)).toBe(false);
  });
});
