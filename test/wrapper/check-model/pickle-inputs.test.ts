import { afterEach, expect, it, vi } from 'vitest';
import { pickleInputs } from '../../../wrapper/check-model/pickle-inputs.ts';

/** With Python itself it is tried by `npm run interop`. */
afterEach(() => vi.unstubAllEnvs());

it('says what to install, or to do without, where there is no Python', async () => {
  vi.stubEnv('PATH', '');
  await expect(pickleInputs('model.pkl')).rejects.toThrow(
    'there is no python3 here: install it with scikit-learn, or save the model as .skops or .onnx',
  );
});
