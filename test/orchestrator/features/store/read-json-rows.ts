import type { FieldSpec } from '../../../../orchestrator/features/source.ts';
import { rowDecoder } from '../../../../orchestrator/features/store/json-row.ts';
import { RowBlock } from '../../../../orchestrator/features/row-block.ts';
import { STATUSES, statusOf } from '../../../../orchestrator/plan/column.ts';

const NAMES = ['plain', '"]; throw 1; //', 'a\u2028b\\', 'constructor', '__proto__'];
const FIELDS: FieldSpec[] = [
  ...NAMES.map((name) => ({ name, type: 'double' }) as const),
  { name: 'word', type: 'string' },
];
const ROWS = [
  JSON.stringify({ plain: 1, '"]; throw 1; //': 2, 'a\u2028b\\': 3, word: 'x' }),
  '{"__proto__":6,"\\"]; throw 1; //":5,"word":7}',
  JSON.stringify({ constructor: 4, '"]; throw 1; //': 'text', plain: 0 }),
];

const block = new RowBlock(FIELDS, ROWS.length);
const decode = rowDecoder(FIELDS);
for (const [row, text] of ROWS.entries()) decode(text, block, row);
const { values, states } = block.columns;
const told = FIELDS.map(({ name }, at) => ({
  name,
  values: [...values[at]],
  statuses: [...states[at]].map((state) => STATUSES[statusOf(state)]),
}));
process.stdout.write(JSON.stringify(told));
