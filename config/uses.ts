import type { CheckedConfig } from './checked.ts';
import { type Needs, reachedFrom } from './needs.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';

type Found = Pick<CheckedConfig, 'fallbacks' | 'features'>;

/**
 * Warns of what no model needs, and of stores and services that no view reads. A file of shared parts has more than one
 * project needs, so what is included is never called unused; nor is anything beside an error, whose echo it might be:
 * the store `online` is unused because a view says `onlin`.
 */
export function checkUses(config: Config, needs: Needs, found: Found, file: string, report: Report): void {
  if (report.hasErrors || Object.keys(config.models).length === 0) return;
  const used = usedNames(needs, found);
  const views = Object.values(config.views);
  const warn = (section: string, name: string, isUsed: boolean, rule: Unused, text: string): void => {
    const path = [section, name];
    if (!isUsed && report.places.atKey(path).file === file) report.warnAtKey(path, rule, text);
  };
  for (const name of Object.keys(config.views)) {
    warn('views', name, used.has(name), 'UNUSED_VIEW', `no model needs the view \`${name}\``);
  }
  for (const name of Object.keys(config.onDemand)) {
    warn('onDemand', name, used.has(name), 'UNUSED_ON_DEMAND', `no model needs the on-demand feature \`${name}\``);
  }
  for (const name of Object.keys(config.stores)) {
    const isUsed = views.some(({ store }) => store === name);
    warn('stores', name, isUsed, 'UNUSED_STORE', `no view reads the store \`${name}\``);
  }
  for (const name of Object.keys(config.services)) {
    const isUsed = views.some(({ service }) => service === name);
    warn('services', name, isUsed, 'UNUSED_SERVICE', `no view reads the service \`${name}\``);
  }
}

type Unused = 'UNUSED_VIEW' | 'UNUSED_ON_DEMAND' | 'UNUSED_STORE' | 'UNUSED_SERVICE';

/** Views and on-demand features that some model needs, directly or through others. */
function usedNames({ readsOf }: Needs, { fallbacks, features }: Found): Set<string> {
  const named = [...features.values()].flat().map(({ from }) => from);
  return reachedFrom([...named, ...[...fallbacks.values()].flatMap(({ reads }) => reads)], readsOf);
}
