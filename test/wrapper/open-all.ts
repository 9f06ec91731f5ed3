import { openPredictor } from '../../wrapper/open-predictor.ts';

/**
 * Opens each file named on the command line as the wrapper's child does, and prints a JSON line for each. A process of
 * its own: in the test runner a file would be compiled before Node strips its types.
 */
for (const predictor of process.argv.slice(2)) {
  const outcome = await openPredictor({ predictor, modelUri: undefined, featureCount: 1 }).then(
    () => ({ ok: true }),
    (error: Error) => ({ error: error.message, cause: String((error.cause as Error | undefined)?.stack) }),
  );
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
