import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateConfig } from './check/generate.ts';
import { median } from './load/median.ts';

/**
 * How long a configuration takes to be read and checked, by its size: in a fresh process, after its start, and once the
 * process is warm, as on a reload. `node bench/check.ts [--rounds 5]` writes check.md.
 */
const SIZES = [50, 100, 200, 400, 800];
const ONCE = fileURLToPath(import.meta.resolve('./check/once.ts'));

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const loadBefore = loadavg()[0] ?? 0;
const folder = mkdtempSync(path.join(tmpdir(), 'tandem-check-'));
try {
  const report = render(SIZES.map(measure));
  writeFileSync(new URL('./check.md', import.meta.url), report);
  console.log(report);
} finally {
  rmSync(folder, { recursive: true });
}

interface Row {
  views: number;
  kilobytes: number;
  firstMs: number;
  warmMs: number;
}

function measure(views: number): Row {
  const file = path.join(folder, `${views}.yaml`);
  const text = generateConfig(views);
  writeFileSync(file, text);
  const rounds = Array.from(
    { length: Number(options.rounds) },
    () => JSON.parse(execFileSync(process.execPath, [ONCE, file], { encoding: 'utf8' })) as Omit<Row, 'views'>,
  );
  return {
    views,
    kilobytes: text.length / 1024,
    firstMs: median(rounds.map(({ firstMs }) => firstMs)),
    warmMs: median(rounds.map(({ warmMs }) => warmMs)),
  };
}

function render(rows: readonly Row[]): string {
  const line = ({ views, kilobytes, firstMs, warmMs }: Row): string =>
    `| ${views} | ${views * 5} | ${kilobytes.toFixed(0)} | ${firstMs.toFixed(0)} | ${(firstMs / views).toFixed(2)} | ${warmMs.toFixed(0)} | ${(warmMs / views).toFixed(2)} |`;
  return `# How long a check takes

\`loadConfig\` of one file (YAML, schema, names, CEL and all rules): the first in a fresh process, after its start, and the
median of ten more, as a reload finds it. Medians of ${options.rounds} processes; ${availableParallelism()} cores, load ${loadBefore.toFixed(1)} before, Node ${process.version}.
Written by \`node bench/check.ts\`.

| views | features | KiB | first ms | a view | warm ms | a view |
|---|---|---|---|---|---|---|
${rows.map(line).join('\n')}
`;
}
