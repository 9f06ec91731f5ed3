/**
 * The child of `tandem check --load`, for one model: `main.ts FILE MODEL [OVERLAY…]`. Sends two lists of
 * problems: of what the model's file says of its inputs, then of the loads of its functions and its predictor, which run the user's code. A
 * process of its own, and the leader of its group, so that whatever that code does can be ended, and is told like the
 * rest.
 */
import { loadConfig } from '../../config/load.ts';
import { functionProblems } from './function-problems.ts';
import { loadProblems, modelInputProblems } from './problems.ts';

// Whoever asked is gone: so goes Python, where it reads a pickle.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));
const [file = '', model = '', ...overlays] = process.argv.slice(2);
const { checked } = loadConfig(file, process.env, overlays);
if (checked === undefined) throw new Error(`${file} does not check any more.`);
const found = await modelInputProblems(checked, model);
process.send?.(found);
const loads = [...functionProblems(checked, model), ...(await loadProblems(checked, model, found))];
process.send?.(loads, undefined, {}, () => process.exit(0));
