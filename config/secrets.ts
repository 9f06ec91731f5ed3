import type { Report } from './report.ts';
import type { Config } from './schema.ts';

/** Headers that authenticate somebody. */
const SECRET_HEADER = /authorization|cookie|token|secret|password|credential|api-?key/i;

/** Warns of secrets that the YAML holds in clear; what `${…}` or `secret:` put there it does not hold. */
export function checkSecrets(config: Config, report: Report): void {
  const check = (path: readonly string[], text: string | undefined): void => {
    if (text === undefined || report.places.isSubstituted(path)) return;
    const mend = 'write `${NAME}`, `secret:env:NAME` or `secret:file:PATH`';
    report.warn(path, 'SECRET_IN_CLEAR', `a secret stands here in clear: ${mend}`);
  };
  check(['server', 'admin', 'token'], config.server.admin.token?.text);
  for (const [name, store] of Object.entries(config.stores)) {
    if ('password' in store) check(['stores', name, 'password'], store.password?.text);
    if ('sentinel' in store) check(['stores', name, 'sentinel', 'password'], store.sentinel?.password?.text);
  }
  for (const [service, { headers }] of Object.entries(config.services)) {
    for (const [name, value] of Object.entries(headers)) {
      if (SECRET_HEADER.test(name)) check(['services', service, 'headers', name], value.text);
    }
  }
}
