import type { CheckedConfig, Problem } from '../../config/checked.ts';
import type { ErrorCode } from '../../foundation/errors.ts';
import { identityOf } from '../../config/secret.ts';

const CODE: ErrorCode = 'NOT_READY';

/**
 * Models that take other columns now, from another file, while the wrapper at their address still hosts the one before: it
 * would be sent columns that its model does not have. For whoever starts the wrappers apart.
 */
export function pickedElsewhere(before: CheckedConfig, after: CheckedConfig): Problem[] {
  return [...after.picking].flatMap((model): Problem[] => {
    const [old, now] = [before.config.models[model], after.config.models[model]];
    if (old === undefined || now.wrapper.predictor === undefined) return [];
    const isElsewhere = old.wrapper.modelUri !== now.wrapper.modelUri && old.wrapper.address === now.wrapper.address;
    if (!isElsewhere || identityOf(old.features) === identityOf(now.features)) return [];
    const message = `the wrapper of \`${model}\` hosts the model before, which has other columns: give this one an \`address\` of its own, with its own \`tandem wrap\`, or start both processes again`;
    const place = after.place(['models', model, 'wrapper', 'modelUri']);
    return [{ ...place, severity: 'error', code: CODE, message }];
  });
}
