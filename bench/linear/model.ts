/** Ten fields of the item and one of the request: the columns of the matrix that every stack makes. */
export const FEATURES = 11;
const WEIGHTS = Float64Array.of(0.31, -0.74, 1.12, 0.08, -0.53, 0.97, -1.41, 0.22, 0.65, -0.19, 2.03);
const BIAS = -0.42;

/** The linear model of all stacks: bias + Σ weight · feature for each row of a row-major matrix, written to `scores`. */
export function scoreRows(matrix: Float64Array, rows: number, scores: Float64Array, firstRow = 0): void {
  for (let row = firstRow, at = firstRow * FEATURES; row < firstRow + rows; row++) {
    let score = BIAS;
    for (let feature = 0; feature < FEATURES; feature++) score += WEIGHTS[feature] * matrix[at++];
    scores[row] = score;
  }
}

/** The same for one row, as the reference of the answers has it: written apart from the loop that it checks. */
export function scoreOf(item: readonly number[], load: number): number {
  return [...item, load].reduce((sum, value, feature) => sum + value * WEIGHTS[feature], BIAS);
}
