import { existsSync } from 'node:fs';
import type { CheckedConfig, Problem } from '../../config/checked.ts';
import type { ModelRule } from '../../config/model-rules.ts';
import { asAppError } from '../../foundation/errors.ts';
import { functionsSpec } from '../functions-spec.ts';
import { thisMachine } from '../machine.ts';
import { checkPythonLoad } from './python-load.ts';

const LOAD_RULE: ModelRule = 'FUNCTION_LOAD';

/** Why the functions of a model cannot be called, each by itself. Those whose file is not there have been told. */
export function functionProblems(checked: CheckedConfig, model: string): Problem[] {
  const spec = functionsSpec(checked, model, thisMachine());
  if (spec?.python === undefined) return [];
  const { python, functions = [] } = spec;
  return functions.flatMap((each) => {
    if (!existsSync(each.file)) return [];
    try {
      checkPythonLoad({ ...spec, functions: [each] }, python);
      return [];
    } catch (thrown) {
      const place = checked.place(['onDemand', each.feature, 'function']);
      const message = asAppError(thrown).message.replace(/\.$/, '');
      return [{ ...place, severity: 'error', code: LOAD_RULE, message }];
    }
  });
}
