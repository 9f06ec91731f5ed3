import { openReference } from '../reference/expected.ts';
import type { Line } from './report.ts';
import { checkCounts } from './services/counts.ts';
import { checkFaults } from './services/faults.ts';
import { toldCases } from './troubles/told-cases.ts';

/** The example's weather service counts what it is asked, and then does wrong in every way that it knows. */
export async function checkServices(): Promise<Line[]> {
  const cases = await toldCases(await openReference());
  return [...(await checkCounts(cases)), ...(await checkFaults(cases))];
}
