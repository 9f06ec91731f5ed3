import type { LoadResult, Problem } from '../config/checked.ts';
import { loadConfig } from '../config/load.ts';
import { unsetDevVariables } from './dev-services.ts';

/** Stands in for the address of a service that nobody runs now; RFC 2606 keeps `.invalid` for names that lead nowhere. */
const nowhere = (variable: string): string => `http://${variable}.invalid`;

/**
 * A configuration that is only looked at. An address that `tandem dev` would set need not be set for that: it is a
 * warning, where whoever serves the file has an error.
 */
export function loadUnserved(file: string, overlays: readonly string[]): LoadResult {
  const loaded = loadConfig(file, process.env, overlays);
  if (!loaded.problems.some(({ code }) => code === 'ENV_UNSET')) return loaded;
  const unset = unsetDevVariables(file, overlays, process.env);
  const standIns = Object.fromEntries(unset.map((variable) => [variable, nowhere(variable)]));
  const result = loadConfig(file, { ...process.env, ...standIns }, overlays);
  const warnings = loaded.problems.flatMap((problem): Problem[] => {
    const variable = problem.code === 'ENV_UNSET' && unset.find((name) => problem.message.includes(` ${name} `));
    const message = `the environment variable ${String(variable)} is not set: \`tandem dev\` sets it, and \`serve\` needs it`;
    return variable ? [{ ...problem, severity: 'warning', message }] : [];
  });
  return { ...result, problems: [...warnings, ...result.problems] };
}
