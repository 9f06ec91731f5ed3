/** The libraries whose models need no code: a predictor is one of these words, or a file. */
export const MODEL_LIBRARIES: readonly string[] = ['onnx', 'lightgbm', 'xgboost', 'sklearn'];

/** Whether a predictor is a model without code. */
export const isLibrary = (predictor: string): boolean => MODEL_LIBRARIES.includes(predictor);

/** Whether a text can be a predictor at all: the word of a library, or a file in TypeScript, JavaScript or Python. */
export const isPredictor = (text: string): boolean =>
  isLibrary(text) || isPython(text) || /\.(?:ts|mts|js|mjs)$/.test(text);

/**
 * Whether a predictor runs in Python: its file does, and so do the models of all libraries but ONNX, which runs in Node
 * unless an interpreter is named.
 */
export const runsInPython = (predictor: string, python: string | undefined): boolean =>
  isPython(predictor) || (isLibrary(predictor) && (predictor !== 'onnx' || python !== undefined));

/** The file of a predictor, without the class that it may name. */
export const predictorFile = (predictor: string): string => predictor.replace(/(\.py):\w+$/, '$1');

/** Whether a file is Python's: `predictor.py`, or one class of it, `predictor.py:DelayRisk`. */
const isPython = (predictor: string): boolean => /\.py(?::\w+)?$/.test(predictor);
