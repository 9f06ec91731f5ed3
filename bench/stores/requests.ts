import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { FieldSpec, Row } from '../../orchestrator/features/source.ts';
import { openRedisStore } from '../../orchestrator/features/store/redis.ts';
import { packedRows } from '../../orchestrator/features/store/packed-row.ts';
import type { RedisServer } from '../../test/servers/redis.ts';
import { makeData, seededRandom, type Data } from '../linear/data.ts';
import { linearWorkloads } from '../linear/workloads.ts';
import { measureCell, type Cell } from '../load/cell.ts';
import { median } from '../load/median.ts';
import { judge, ratiosOf, renderRatios } from '../load/ratios.ts';
import { startBareRedis, startTandem, type Stack } from '../load/stack.ts';
import { verifyAnswers, type Workload } from '../load/workload.ts';

const MODEL = 'linear';
const CONFIG = fileURLToPath(new URL('../linear/tandem.yaml', import.meta.url));
/** By encoding the database of the one server. */
const ENCODINGS = ['json', 'packed', 'hash'] as const;
type Encoding = (typeof ENCODINGS)[number];

/** One stack under one load. */
export interface RequestLine {
  load: Workload['name'];
  stack: 'bare' | Encoding;
  cells: Cell[];
}

/** The linear model's requests, every row of which is read from Redis each time. */
export async function measureRequests(
  redis: RedisServer,
  folder: string,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<RequestLine[]> {
  const random = seededRandom(20_261_122);
  const data = makeData(random);
  const workloads = await linearWorkloads(data, random, folder);
  const stacks: { name: RequestLine['stack']; stack: Stack }[] = [];
  for (const [database, encoding] of ENCODINGS.entries()) {
    const url = `${redis.url}/${database + 1}`;
    await fill(url, encoding, data);
    if (encoding === 'json')
      stacks.push({ name: 'bare', stack: await startBareRedis(MODEL, url, path.join(folder, 'bare.sock')) });
    const overlay = path.join(folder, `${encoding}.yaml`);
    await writeFile(
      overlay,
      `stores: { online: { type: redis, url: '${url}', encoding: ${encoding}, timeout: 2s } }\n`,
    );
    stacks.push({ name: encoding, stack: await startTandem(MODEL, CONFIG, path.join(folder, encoding), [overlay]) });
  }
  const lines: RequestLine[] = [];
  for (const workload of workloads) {
    for (const { stack } of stacks) await verifyAnswers(stack.name, stack.url, workload);
    const ofLoad = stacks.map(({ name }): RequestLine => ({ load: workload.name, stack: name, cells: [] }));
    for (let round = 0; round < rounds; round++) {
      for (const [at, { name, stack }] of stacks.entries()) {
        const cell = await measureCell(stack.processes, stack.url, workload, seconds);
        ofLoad[at].cells.push(cell);
        console.error(`requests, ${workload.name}, ${name}: ${cell.requestsPerSecond.toFixed(0)}/s`);
      }
    }
    lines.push(...ofLoad);
  }
  return lines;
}

async function fill(url: string, encoding: Encoding, data: Data): Promise<void> {
  const itemFields = Array.from({ length: 10 }, (_, at): FieldSpec => ({ name: `f${at}`, type: 'double' }));
  const fieldsOf = (table: string): FieldSpec[] => (table === 'item' ? itemFields : [{ name: 'load', type: 'double' }]);
  const store = await openRedisStore({
    name: 'bench',
    project: 'bench',
    url,
    encoding: encoding === 'packed' ? packedRows(fieldsOf) : encoding,
    now: () => performance.now(),
    random: Math.random,
  });
  const { signal } = new AbortController();
  const items = Array.from(data.items, ([key, values]): Row => ({
    key,
    values: Object.fromEntries(itemFields.map(({ name }, at) => [name, values[at]])),
  }));
  await store.sink('item').write(items, { signal });
  const cities = Array.from(data.cities, ([key, load]): Row => ({ key, values: { load } }));
  await store.sink('context').write(cities, { signal });
  await store.close();
}

const SIZES: Partial<Record<Workload['name'], string>> = { n1: 'N = 1', n10: 'N = 10', n100: 'N = 100' };

export function renderRequests(lines: readonly RequestLine[]): string {
  const ratio = (load: Workload['name'], stack: Encoding): number[] => {
    const cellsOf = (name: RequestLine['stack']): readonly Cell[] =>
      lines.find((line) => line.load === load && line.stack === name)?.cells ?? [];
    return ratiosOf(cellsOf(stack), cellsOf('bare'), ({ requestsPerSecond }) => requestsPerSecond);
  };
  const rows = lines.map(({ load, stack, cells }) => {
    const middle = (pick: (cell: Cell) => number, digits: number): string => median(cells.map(pick)).toFixed(digits);
    const numbers = [
      middle(({ requestsPerSecond }) => requestsPerSecond, 0),
      middle(({ p50Ms }) => p50Ms, 2),
      middle(({ p99Ms }) => p99Ms, 2),
      middle(({ cpuUs }) => cpuUs.total, 0),
    ];
    const against = stack === 'bare' ? '' : renderRatios(ratio(load, stack));
    return `| ${SIZES[load]} | ${stack === 'bare' ? 'bare, json' : `tandem, ${stack}`} | ${numbers.join(' | ')} | ${against} |`;
  });
  return `## Requests

The linear model of \`bench/linear\`: N rows of ten doubles and one row a request, all read from Redis for every request,
nothing cached. The bare stack (\`bench/rivals/bare.ts\`) reads them by one MGET and parses JSON. \`wrk -t1 -c16\`, the server,
the model and Redis on the same cores; every answer verified before.

| load | stack | requests/s | p50 ms | p99 ms | CPU µs a request | ÷ bare |
|---|---|---:|---:|---:|---:|---|
${rows.join('\n')}

${[
  judge('N = 1, json, at least 2 times the bare stack', ratio('n1', 'json'), (each) => each >= 2),
  judge('N = 10, json, at least 2 times the bare stack', ratio('n10', 'json'), (each) => each >= 2),
  judge('N = 100, packed, at least 2 times the bare stack', ratio('n100', 'packed'), (each) => each >= 2),
].join('\n')}`;
}
