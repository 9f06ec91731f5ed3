/** The least Node that runs the rest, as package.json's `engines` has it. */
const LEAST_MAJOR = 24;

/** Why a Node of this version is refused, and how to get one that is not; undefined where it will do. */
export function nodeProblem(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= LEAST_MAJOR) return undefined;
  return (
    `tandem needs Node ${LEAST_MAJOR} or later, and this is Node ${version}. ` +
    `\`npm install node@${LEAST_MAJOR}\` puts one into a project; npx takes it from there.`
  );
}
