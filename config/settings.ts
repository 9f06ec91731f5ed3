import type { Scope } from '../cel/expression.ts';
import { didYouMean, nearestName } from '../foundation/nearest.ts';
import type { Report } from './report.ts';
import type { Config, ModelConfig } from './schema.ts';

/** Checks what stands alone in a configuration: the moment, the zone, the ids and the ports. */
export function checkSettings(config: Config, scope: Scope, report: Report): void {
  checkAsOf(config, scope, report);
  checkTimezone(config, report);
  for (const [name, model] of Object.entries(config.models)) {
    checkId(name, model, scope, report);
  }
  checkReadiness(config, report);
  const { http, admin } = config.server;
  if (http.port !== 0 && http.port === admin.port) {
    const path = ['server', 'admin', 'port'];
    const written = report.places.has(path) ? path : ['server', 'http', 'port'];
    report.at(written, 'PORT_TWICE', `\`server.http\` and \`server.admin\` both have the port ${http.port}`);
  }
}

/** What readiness may depend on beyond this process: a store or a service by its name. */
function checkReadiness({ server, stores, services }: Config, report: Report): void {
  const known = [...Object.keys(stores), ...Object.keys(services)];
  for (const [at, name] of server.readiness.requires.entries()) {
    if (known.includes(name) || report.broken.touches(['stores']) || report.broken.touches(['services'])) continue;
    const text = `no store or service is named \`${name}\`${didYouMean(name, known)}`;
    report.at(['server', 'readiness', 'requires', at], 'READINESS_NAME', text);
  }
}

function checkAsOf({ asOf }: Config, scope: Scope, report: Report): void {
  if (asOf === undefined) return;
  const type = asOf.startsWith('request.') ? scope.get(asOf) : undefined;
  if (type === 'timestamp' || report.broken.mayDefine(asOf)) return;
  const known = [...scope].flatMap(([name, of]) => (name.startsWith('request.') && of === 'timestamp' ? [name] : []));
  const why = type === undefined ? `\`${asOf}\` is no request input` : `\`${asOf}\` is ${type}`;
  const meant = nearestName(asOf, known) ?? known[0];
  const mend = meant === undefined ? ', such as `request.time`' : `; did you mean \`${meant}\`?`;
  report.at(['asOf'], 'AS_OF', `${why}: \`asOf\` names a timestamp input of the request${mend}`);
}

function checkTimezone({ timezone }: Config, report: Report): void {
  if (timezone === undefined || isTimezone(timezone)) return;
  const meant = didYouMean(timezone, Intl.supportedValuesOf('timeZone'));
  report.at(['timezone'], 'TIMEZONE', `\`${timezone}\` is no time zone${meant || ': write it as `America/New_York`'}`);
}

/** Whether a name is of the IANA database; offsets such as `+05:00`, which Intl takes too, have no summer time. */
function isTimezone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function checkId(name: string, { id }: ModelConfig, scope: Scope, report: Report): void {
  if (id === undefined || (id.startsWith('instance.') && scope.has(id)) || report.broken.mayDefine(id)) return;
  const known = [...scope.keys()].filter((input) => input.startsWith('instance.'));
  report.at(
    ['models', name, 'id'],
    'ID_INPUT',
    `\`id\` names an instance input, and \`${id}\` is none${didYouMean(id, known)}`,
  );
}
