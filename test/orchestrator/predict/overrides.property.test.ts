import {
  assert,
  asyncProperty,
  array,
  constantFrom,
  double,
  integer,
  option,
  record,
  type Arbitrary,
} from 'fast-check';
import { expect, test } from 'vitest';
import { SOURCES } from '../../../orchestrator/plan/column.ts';
import { createPredict } from '../../../orchestrator/predict/predict.ts';
import { callOf, plantedDeployment, rowsSource } from '../planted.ts';

type Value = number | string | null;
type Row = Readonly<Record<string, Value>>;

const MAKERS = ['AIRBUS', 'BOEING', 'CESSNA'];
const PER_REQUEST = ['pulse.delay', 'pulse.level', 'level.weight', 'late'];
const PER_OBJECT = ['plane.seats', 'plane.year', 'plane.maker', 'maker.score', 'age', 'mix'];
const FEATURES = ['plane.seats', 'maker.score', 'age', 'mix', 'pulse.delay', 'level.weight', 'late'];

/** `plane.year`, `plane.maker` and `pulse.level` serve only to make other features. */
const YAML = `
version: 1
project: p
inputs: { request: { city: "string?" }, instance: { tail: "string?" } }
overrides: [${[...PER_REQUEST, ...PER_OBJECT].join(', ')}]
stores: { online: { type: lmdb } }
views:
  plane: { store: online, key: { tail: instance.tail }, fields: { seats: int64, year: int64, maker: string }, defaults: { seats: 150, maker: BOEING } }
  maker: { store: online, key: { maker: plane.maker }, fields: { score: double } }
  pulse: { store: online, key: { city: request.city }, fields: { delay: double, level: int64 } }
  level: { store: online, key: { level: pulse.level }, fields: { weight: double }, defaults: { weight: 0.5 } }
onDemand:
  age: { type: int64, cel: "2013 - plane.year" }
  late: { type: double, cel: "pulse.delay + 1.0" }
  mix: { type: double, cel: "double(age) * late" }
models:
  m: { features: [${FEATURES.join(', ')}] }
`;

const TABLES: Record<string, Record<string, Row>> = {
  plane: {
    A: { seats: 100, year: 2000, maker: 'AIRBUS' },
    B: { seats: null, year: 1990, maker: null },
    C: { seats: 20, year: null, maker: 'NOBODY' },
  },
  maker: { AIRBUS: { score: 1 }, BOEING: { score: 2 }, CESSNA: { score: 3 } },
  pulse: { NYC: { delay: 5, level: 1 }, SFO: { delay: null, level: 9 } },
  level: { 1: { weight: 0.25 }, 2: { weight: 0.75 } },
};
const DEFAULTS: Row = { 'plane.seats': 150, 'plane.maker': 'BOEING', 'level.weight': 0.5 };
const KEYS: Record<string, string> = {
  plane: 'instance.tail',
  maker: 'plane.maker',
  pulse: 'request.city',
  level: 'pulse.level',
};

/** The plain reference: one row at a time, every name by what it is made from, whatever was sent first of all. */
function referenceRow(sent: Row) {
  const read = new Map<string, string>();
  const valueOf = (name: string): Value => {
    if (sent[name] !== undefined) return sent[name];
    if (name === 'age') return plus(2013, negated(valueOf('plane.year')));
    if (name === 'late') return plus(valueOf('pulse.delay'), 1);
    if (name === 'mix') return times(valueOf('age'), valueOf('late'));
    const [view, field] = name.split('.');
    if (view === 'instance' || view === 'request') return null;
    const key = valueOf(KEYS[view]);
    if (key !== null) read.set(`${view} ${key}`, view);
    const row = key === null ? undefined : TABLES[view][key];
    return row === undefined ? (DEFAULTS[name] ?? null) : row[field];
  };
  return { valueOf, read };
}
const plus = (left: Value, right: Value): Value =>
  left === null || right === null ? null : Number(left) + Number(right);
const times = (left: Value, right: Value): Value =>
  left === null || right === null ? null : Number(left) * Number(right);
const negated = (value: Value): Value => (value === null ? null : -Number(value));

const number = double({ min: -1e6, max: 1e6, noNaN: true });
const ARBITRARY: Record<string, Arbitrary<Value>> = {
  'pulse.delay': number,
  'pulse.level': integer({ min: 1, max: 3 }),
  'level.weight': number,
  late: number,
  'plane.seats': integer({ min: 0, max: 900 }),
  'plane.year': integer({ min: 1950, max: 2020 }),
  'plane.maker': constantFrom(...MAKERS),
  'maker.score': number,
  age: integer({ min: 0, max: 60 }),
  mix: number,
};
const sendable = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, option(option(ARBITRARY[name]), { nil: undefined })]));
const requests = record({ city: constantFrom<Value>('NYC', 'SFO', 'LAX', null), ...sendable(PER_REQUEST) });
const instances = array(record({ tail: constantFrom<Value>('A', 'B', 'C', 'Z', null), ...sendable(PER_OBJECT) }), {
  minLength: 1,
  maxLength: 6,
});

test('whichever features and rows are sent, all else is as a plain gather with these values in place has it', async () => {
  const sources = Object.fromEntries(Object.entries(TABLES).map(([view, rows]) => [view, rowsSource(rows)]));
  const deployment = plantedDeployment(YAML, { sources });
  const predict = createPredict(() => ({ deployment, release: () => {} }), { now: () => 0, past: undefined });
  const holds = async (request: Row, objects: readonly Row[], byColumn: boolean): Promise<void> => {
    for (const { asked } of Object.values(sources)) asked.length = 0;
    const sentRows = objects.map((object) => {
      const inputs = { 'instance.tail': object['tail'], 'request.city': request['city'] };
      return byColumn ? { ...inputs, ...asNulls(object, objects), ...request } : { ...inputs, ...object, ...request };
    });
    const given = byColumn ? { rows: objects.length, columns: columnsOf(objects) } : { objects };
    const { gathered } = await predict(callOf({ want: 'features', request, instances: given, arrivedAt: ZERO }));
    const references = sentRows.map(referenceRow);
    for (const { name, values, source } of gathered) {
      expect([name, ...values]).toEqual([name, ...references.map(({ valueOf }) => valueOf(name) ?? Number.NaN)]);
      const isSent = Array.from(source, (code) => SOURCES[code] === 'request');
      expect(isSent).toEqual(sentRows.map((row) => (row as Row)[name] !== undefined));
    }
    const asked = Object.entries(sources).flatMap(([view, each]) => each.asked.flat().map((key) => `${view} ${key}`));
    expect(asked.toSorted()).toEqual([...new Set(references.flatMap(({ read }) => [...read.keys()]))].toSorted());
  };
  await assert(
    asyncProperty(requests, instances, constantFrom(true, false), (request, objects, byColumn) =>
      holds(request as Row, objects as Row[], byColumn),
    ),
    { numRuns: 500 },
  );
});

const ZERO = { epochMs: 0, monotonicMs: 0 };
const namesOf = (objects: readonly Row[]): string[] => [
  ...new Set(objects.flatMap((object) => Object.keys(object).filter((name) => object[name] !== undefined))),
];
/** By column every row sends what one of them does: null where it has none. */
const columnsOf = (objects: readonly Row[]): Record<string, Value[]> =>
  Object.fromEntries(namesOf(objects).map((name) => [name, objects.map((object) => object[name] ?? null)]));
const asNulls = (object: Row, objects: readonly Row[]): Row =>
  Object.fromEntries(namesOf(objects).map((name) => [name, object[name] ?? null]));
