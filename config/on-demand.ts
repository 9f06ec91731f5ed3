import { readScalar } from './environment.ts';
import { literalProblem } from './literal.ts';
import type { Path } from './places.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';

type OnDemandConfig = Config['onDemand'][string];

/** A file of Python and a function in it. */
const PYTHON_FUNCTION = /^(?<file>.+\.py):(?<called>[A-Za-z_]\w*)$/;
const OF_FUNCTION = ['batch', 'args', 'default', 'onError'] as const;

/** The file, relative to the YAML, and the function in it; undefined where the text names none. */
export function functionNamed(text: string): { file: string; called: string } | undefined {
  const { file, called } = PYTHON_FUNCTION.exec(text)?.groups ?? {};
  return file === undefined || called === undefined ? undefined : { file, called };
}

/** Checks each on-demand feature by itself: what makes it, and what is said of a function. */
export function checkOnDemand(config: Config, report: Report): void {
  for (const [name, feature] of Object.entries(config.onDemand)) {
    const path = ['onDemand', name];
    if ((feature.cel === undefined) === (feature.function === undefined)) {
      // One that could not be read is there all the same.
      if (['cel', 'function'].some((key) => report.broken.touches([...path, key]))) continue;
      const problem = feature.cel === undefined ? 'has neither `cel` nor a `function`' : 'has `cel` and a `function`';
      const place = feature.cel === undefined ? path : [...path, 'function'];
      report.atKey(place, 'ON_DEMAND_SOURCE', `\`${name}\` ${problem}: give it one`);
    } else if (feature.function === undefined) checkExpressionOnly(name, path, report);
    else checkFunction(name, feature, feature.function, report);
  }
}

function checkExpressionOnly(name: string, path: Path, report: Report): void {
  for (const key of OF_FUNCTION) {
    if (!report.places.has([...path, key])) continue;
    report.atKey(
      [...path, key],
      'ON_DEMAND_SOURCE',
      `\`${key}\` is for functions, and \`${name}\` is made by its \`cel\``,
    );
  }
}

function checkFunction(name: string, feature: OnDemandConfig, text: string, report: Report): void {
  const path = ['onDemand', name];
  const { batch, args } = feature;
  if (functionNamed(text) === undefined) {
    const mend = 'write its file and its name, `./features.py:rush`, or an expression under `cel`';
    report.at([...path, 'function'], 'FUNCTION', `\`${text}\` is no function of a .py file: ${mend}`);
  } else if (!batch && !report.broken.touches([...path, 'batch'])) {
    const place = report.places.has([...path, 'batch']) ? 'batch' : 'function';
    report.atKey(
      [...path, place],
      'FUNCTION',
      'a function in Python takes the columns of all rows: write `batch: true`',
    );
  }
  if (Object.keys(args).length === 0 && !report.broken.touches([...path, 'args'])) {
    const place = report.places.has([...path, 'args']) ? 'args' : 'function';
    report.atKey([...path, place], 'FUNCTION', `\`${name}\` is called with nothing: give it \`args\``);
  }
  checkDefault(name, feature, report);
}

function checkDefault(name: string, feature: OnDemandConfig, report: Report): void {
  const { type, onError } = feature;
  if (feature.default === undefined) return;
  const path = ['onDemand', name, 'default'];
  // `${SHARE:-0.5}` is text so far: here its key's type is known.
  if (typeof feature.default === 'string' && type !== 'string' && report.places.isSubstituted(path)) {
    feature.default = readScalar(feature.default);
  }
  const problem = literalProblem(feature.default, type);
  if (problem) report.at(path, 'DEFAULT_TYPE', `the default of \`${name}\`, ${type}, ${problem}`);
  if (onError === 'default') return;
  const text = `\`onError: ${onError}\` does not use the default of \`${name}\`: take out one of the two`;
  report.warn(['onDemand', name, 'onError'], 'DEFAULT_UNUSED', text);
}
