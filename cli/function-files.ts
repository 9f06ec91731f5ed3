import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CheckedConfig, Problem } from '../config/checked.ts';
import type { ModelRule } from '../config/model-rules.ts';

const RULE: ModelRule = 'FUNCTION_FILE';

/** The files of functions that are not there. A server of the same YAML need not have them: its wrapper does. */
export function missingFunctionFiles(checked: CheckedConfig): Problem[] {
  return Array.from(checked.functions).flatMap(([feature, { file }]) => {
    if (existsSync(resolve(checked.folder, file))) return [];
    const message = `${file} is not there: a function's file is relative to the YAML`;
    return [{ ...checked.place(['onDemand', feature, 'function']), severity: 'error', code: RULE, message }];
  });
}
