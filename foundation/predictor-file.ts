/** Whether a predictor is Python's: `predictor.py`, or one class of it, `predictor.py:DelayRisk`. */
export const isPython = (predictor: string): boolean => /\.py(?::\w+)?$/.test(predictor);

/** The file of a predictor, without the class that it may name. */
export const predictorFile = (predictor: string): string => predictor.replace(/(\.py):\w+$/, '$1');
