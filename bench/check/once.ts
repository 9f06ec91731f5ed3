import { loadConfig } from '../../config/load.ts';

/** Loads one file in a process of its own; prints how long the first load took after start, and the median of the next. */
const [file = '', times = '10'] = process.argv.slice(2);
const took: number[] = [];
for (let round = 0; round <= Number(times); round++) {
  const started = performance.now();
  const { problems } = loadConfig(file, {});
  took.push(performance.now() - started);
  if (problems.length > 0) throw new Error(problems[0]?.message);
}
const [firstMs, ...others] = took;
console.log(JSON.stringify({ firstMs, warmMs: others.toSorted((a, b) => a - b)[Math.floor(others.length / 2)] }));
