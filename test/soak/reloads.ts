import { reloadUnderLoad } from '../e2e/reload-under-load.ts';
import type { Line } from './report.ts';

const CLIENTS = 64;
/**
 * Of the heap after a full collection, some 30 MB. What the process has resident follows how much V8 lets pile up under
 * load before it collects: 196 MB after the first changes and 327 MB after 300 reloads, or 255 and 322 after 50.
 */
const MOST_GROWTH_MB = 5;

/** The file is saved again and again under load, every second time broken: nobody notices but by the new answers. */
export async function checkReloads(reloads: number): Promise<Line[]> {
  const report = await reloadUnderLoad({ reloads, clients: CLIENTS });
  const { before, after } = report.usage;
  const { stores, models, expectedStores, expectedModels } = report.opened;
  report.wrong.forEach((example) => console.error(example));
  return [
    {
      claim: `${reloads} saves of the file under ${CLIENTS} clients (defaults, features, views, stores, CEL, limits, deadlines; every second one broken): each answer is that of a revision which ran meanwhile`,
      seen: `${report.applied} applied, ${report.refused} refused, ${report.answers} answers, ${report.wrongCount} failed or wrong`,
      holds: report.applied + report.refused === reloads && report.wrongCount === 0 && report.answers > 0,
    },
    {
      claim: 'connections are opened for what a change adds, and for nothing else',
      seen: `${stores} stores and ${models} models opened, ${expectedStores} and ${expectedModels} were to be; open at the end ${report.open.stores} and ${report.open.models}`,
      holds:
        stores === expectedStores && models === expectedModels && report.open.stores === 1 && report.open.models === 1,
    },
    {
      claim: 'no more descriptors, watches or listeners after the last than after the first round of changes',
      seen: `${before.descriptors} descriptors then, ${after.descriptors} now; ${before.watches} watches then, ${after.watches} now; ${report.warnings.length} warnings of listeners`,
      holds:
        after.descriptors <= before.descriptors && after.watches === before.watches && report.warnings.length === 0,
    },
    {
      claim: `live heap, after a full collection, grows by at most ${MOST_GROWTH_MB} MB meanwhile`,
      seen: `${before.liveHeapMb.toFixed(1)} MB then, ${after.liveHeapMb.toFixed(1)} MB now`,
      holds: after.liveHeapMb - before.liveHeapMb <= MOST_GROWTH_MB,
    },
  ];
}
