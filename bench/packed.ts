import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { RowBlock } from '../orchestrator/features/row-block.ts';
import type { FieldSpec, Row } from '../orchestrator/features/source.ts';
import { jsonRows } from '../orchestrator/features/store/json-row.ts';
import { packedRows } from '../orchestrator/features/store/packed-row.ts';
import type { DecodeRow } from '../orchestrator/features/store/row-encoding.ts';
import { median } from './load/median.ts';

/**
 * What decoding a row takes, packed and as JSON: rows of 10 and of 50 doubles, all of their fields or three asked for,
 * read into one block as a fetch does. JSON is given the text, and the bytes that a network client has. Prints a table;
 * `node bench/packed.ts [--rounds 9] [--rows 1000]`.
 */
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, rows: { type: 'string', default: '1000' } },
});
const ROWS = Number(options.rows);
const ROUNDS = Number(options.rounds);
/** Decodes of one sample: some milliseconds, so that the clock and a collection hardly count. */
const PASSES = 20;

const jsonDecoder = (fields: readonly FieldSpec[]): DecodeRow<Buffer> => {
  const decode = jsonRows.decoder(fields);
  return (bytes, block, row) => decode(bytes.toString('utf8'), block, row);
};

/** Numbers as a pipeline has them: shares and means with all of their digits. */
function rowsOf(fields: readonly FieldSpec[]): Row[] {
  return Array.from({ length: ROWS }, (_, row) => ({
    key: `k${row}`,
    values: Object.fromEntries(fields.map(({ name }, at) => [name, Math.sin(row * 50 + at) * 100])),
    timestampMs: Date.UTC(2013, 0, 5, 10),
  }));
}

/** Nanoseconds a row, of one sample. */
function sample<Stored>(decode: DecodeRow<Stored>, stored: readonly Stored[], fields: readonly FieldSpec[]): number {
  const start = performance.now();
  for (let pass = 0; pass < PASSES; pass++) {
    const block = new RowBlock(fields, stored.length);
    for (let row = 0; row < stored.length; row++) decode(stored[row], block, row);
  }
  return ((performance.now() - start) * 1e6) / (PASSES * stored.length);
}

interface Line {
  fields: number;
  asked: number;
  bytes: { json: number; packed: number };
  ns: { text: number; json: number; packed: number };
}

function measure(count: number, asked: number): Line {
  const fields = Array.from({ length: count }, (_, at): FieldSpec => ({ name: `mean_delay_${at}`, type: 'double' }));
  const rows = rowsOf(fields);
  const texts = rows.map(jsonRows.encoder('t'));
  const json = texts.map((text) => Buffer.from(text));
  const packed = rows.map(packedRows(() => fields).encoder('t'));
  const picked = fields.slice(0, asked);
  const samples = { text: [] as number[], json: [] as number[], packed: [] as number[] };
  const [fromText, fromJson, fromPacked] = [
    jsonRows.decoder(picked),
    jsonDecoder(picked),
    packedRows(() => []).decoder(picked),
  ];
  // Interleaved, so that what else the machine does falls on all alike; the first round is the compiler's.
  for (let round = 0; round <= ROUNDS; round++) {
    const taken = {
      text: sample(fromText, texts, picked),
      json: sample(fromJson, json, picked),
      packed: sample(fromPacked, packed, picked),
    };
    if (round === 0) continue;
    for (const name of ['text', 'json', 'packed'] as const) samples[name].push(taken[name]);
  }
  return {
    fields: count,
    asked,
    bytes: { json: json[0].length, packed: packed[0].length },
    ns: { text: median(samples.text), json: median(samples.json), packed: median(samples.packed) },
  };
}

const before = loadavg()[0];
const lines = [measure(10, 10), measure(10, 3), measure(50, 50), measure(50, 3)];
console.log(`${ROWS} rows, medians of ${ROUNDS} interleaved rounds; ${availableParallelism()} cores, load ${before.toFixed(1)} before, Node ${process.version}.

| doubles a row | asked for | JSON bytes | packed bytes | JSON text, ns | JSON bytes, ns | packed, ns | text / packed | bytes / packed |
|---|---|---|---|---|---|---|---|---|`);
for (const { fields, asked, bytes, ns } of lines) {
  const times = [ns.text, ns.json, ns.packed].map((each) => each.toFixed(0)).join(' | ');
  const ratios = [ns.text, ns.json].map((each) => (each / ns.packed).toFixed(1)).join(' | ');
  console.log(`| ${fields} | ${asked} | ${bytes.json} | ${bytes.packed} | ${times} | ${ratios} |`);
}
