import { array, assert, double, integer, option, property, shuffledSubarray, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { RowBlock } from '../../../../orchestrator/features/row-block.ts';
import type { FieldSpec } from '../../../../orchestrator/features/source.ts';
import { slotsAt } from '../../../../orchestrator/features/store/packed-layout.ts';
import { packedRows } from '../../../../orchestrator/features/store/packed-row.ts';
import type { DecodeBytes } from '../../../../orchestrator/features/store/row-encoding.ts';

const WRITTEN: FieldSpec[] = ['a', 'b', 'c', 'd', 'whole'].map((name) => ({
  name,
  type: name === 'whole' ? 'int64' : 'double',
}));
/** More than a decoder reads before it has code made for a list of fields. */
const MANY = 1200;
const encoding = packedRows(() => WRITTEN);

function readBy(decode: DecodeBytes, fields: readonly FieldSpec[], bytes: Buffer) {
  const block = new RowBlock(fields, 2);
  decode(bytes, block, 1);
  return block.columns;
}

test('a row is read the same after thousands of its kind, also one that holds no number', () => {
  const asked = shuffledSubarray(['a', 'b', 'c', 'd', 'whole', 'unknown'], { minLength: 1 });
  const values = array(option(double({ noNaN: true, noDefaultInfinity: true })), { minLength: 4, maxLength: 4 });
  const broken = option(tuple(integer({ min: 0, max: 3 }), double({ noDefaultInfinity: false })));
  assert(
    property(asked, values, broken, (names, [a, b, c, d], harm) => {
      const fields = names.map((name): FieldSpec => ({ name, type: 'double' }));
      const bytes = encoding.encoder('t')({ key: 'k', values: { a, b, c, d, whole: 7 } });
      if (harm !== null) bytes.writeDoubleLE(harm[1], slotsAt(WRITTEN.length) + 8 * harm[0]);
      const warm = encoding.decoder(fields);
      const block = new RowBlock(fields, MANY);
      for (let row = 0; row < MANY; row++) warm(bytes, block, row);
      expect(readBy(warm, fields, bytes)).toEqual(readBy(encoding.decoder(fields), fields, bytes));
    }),
    { numRuns: 60 },
  );
});
