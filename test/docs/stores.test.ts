import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SCALAR_TYPES, type ScalarType } from '../../cel/types.ts';
import { storeSchema } from '../../config/store-schema.ts';
import { RowBlock } from '../../orchestrator/features/row-block.ts';
import type { FieldSpec, Row } from '../../orchestrator/features/source.ts';
import { encodeHash } from '../../orchestrator/features/store/hash-row.ts';
import { jsonRows } from '../../orchestrator/features/store/json-row.ts';
import { TYPE_CODES } from '../../orchestrator/features/store/packed-layout.ts';
import { REDIS_COMMANDS } from '../../orchestrator/features/store/redis-commands.ts';
import { packedRows } from '../../orchestrator/features/store/packed-row.ts';
import { STATUSES, statusOf } from '../../orchestrator/plan/column.ts';
import { codeOf, readPages, ROOT, tableRows } from './markdown.ts';

const page = (await readPages()).find(({ file }) => file.endsWith('stores.md'))!;

/** The row that the page works out. */
const FIELDS: FieldSpec[] = [
  { name: 'year', type: 'int64' },
  { name: 'share', type: 'double' },
  { name: 'maker', type: 'string' },
  { name: 'heavy', type: 'bool' },
];
const ROW: Row = {
  key: 'N1',
  values: { year: 2004, share: 0.25, maker: 'Ünal', heavy: null },
  timestampMs: Date.parse('2013-01-05T10:00:00Z'),
};

function read(type: ScalarType, bytes: Buffer): { status: string | undefined; value: unknown } {
  const block = new RowBlock([{ name: 'x', type }], 1);
  packedRows(() => []).decoder([{ name: 'x', type }])(bytes, block, 0);
  const { states, values } = block.columns;
  return { status: STATUSES[statusOf(states[0][0])], value: values[0][0] };
}

describe('docs/stores.md has', () => {
  test.each(['redis', 'couchbase'])('every key of a store of type %s', (type) => {
    const section = page.text
      .split(/^## /m)
      .find((text) => text.includes(`    type: ${type}\n`) && text.includes('| key '))!;
    const cells = Array.from(section.matchAll(/^\| (`\w[^|]*`) +\|/gm), ([, cell]) => cell);
    const listed = cells.flatMap((cell) => Array.from(cell.matchAll(/`([a-z]\w*)[\w.]*`/g), ([, key]) => key));
    const shapes = storeSchema.options.flatMap((option) => ('shape' in option ? [option.shape] : []));
    const shape = shapes.find((each) => each.type.value === type)!;
    expect([...new Set(listed)].filter((key) => /^[a-z]/.test(key)).toSorted()).toEqual(
      Object.keys(shape)
        .filter((key) => key !== 'type')
        .toSorted(),
    );
  });

  test('every command that is sent to Redis, and what for', () => {
    const listed = tableRows(page, 'command', 'sent when').map(([command, when]) => [codeOf(command), when]);
    const sent = Object.entries(REDIS_COMMANDS).map(([command, why]) => [command.toUpperCase(), why]);
    expect(listed.map(([command, when]) => [command, when.toLowerCase()])).toEqual(
      sent.map(([command, why]) => [command, `${why.toLowerCase()}.`]),
    );
  });

  test('the store of one’s own that runs through the suite of stores', () => {
    const block = page.blocks.find(({ language }) => language === 'ts')!;
    expect(block.mark).toBe('examples/stores/sqlite.ts');
    expect(`${block.text}\n`).toBe(readFileSync(join(ROOT, block.mark!), 'utf8'));
  });

  test('a row as JSON and as a hash, as they are written', () => {
    const rows = tableRows(page, 'encoding', 'worked example');
    const [json, hash] = rows.map(([, text]) => text);
    expect(codeOf(json)).toBe(jsonRows.encoder('plane')(ROW));
    const names = [...hash.matchAll(/`([^`]+)` `([^`]*)`/g)].flatMap(([, name, text]) => [name, text]);
    expect(names).toEqual(encodeHash(ROW));
  });

  test('a packed row in bytes as it is written, each part where it says', () => {
    const parts = tableRows(page, 'at', 'bytes', 'worked example');
    const bytes = packedRows(() => FIELDS).encoder('plane')(ROW);
    expect(parts.map(([, hex]) => codeOf(hex)).join(' ')).toBe(bytes.toString('hex').replaceAll(/..(?=.)/g, '$& '));
    expect(page.text).toContain(`is these ${bytes.length} bytes`);
    let at = 0;
    for (const [place, hex] of parts) {
      expect(place).toBe(String(at));
      at += codeOf(hex).split(' ').length;
    }
  });

  test('the code of every type', () => {
    const listed = tableRows(page, 'type', 'code').map(([type, code]) => [codeOf(type), Number(code)]);
    expect(Object.fromEntries(listed)).toEqual(TYPE_CODES);
    expect(listed.map(([type]) => type)).toEqual([...SCALAR_TYPES]);
  });

  test('each pair of types of which the one is taken for the other', () => {
    const samples: Record<ScalarType, (number | string | boolean)[]> = {
      bool: [true, false],
      int64: [2004, 1, 0],
      double: [2004, 0.25],
      string: ['2004', '2013-01-05T10:00:00Z', 'true', 'x'],
      timestamp: ['2013-01-05T10:00:00Z'],
    };
    const taken = SCALAR_TYPES.flatMap((written) =>
      SCALAR_TYPES.filter((asked) => asked !== written).flatMap((asked) => {
        const encode = packedRows(() => [{ name: 'x', type: written }]).encoder('t');
        const rows = samples[written].map((x) => read(asked, encode({ key: 'k', values: { x } })));
        return rows.some(({ status }) => status === 'PRESENT') ? [`${written} as ${asked}`] : [];
      }),
    );
    const listed = tableRows(page, 'written as', 'asked for as').map(
      ([written, asked]) => `${codeOf(written)} as ${codeOf(asked)}`,
    );
    expect(listed.toSorted()).toEqual(taken.toSorted());
  });
});
