import type { CheckedConfig } from './checked.ts';
import { rootOf } from './needs.ts';
import type { Report } from './report.ts';
import type { Config } from './schema.ts';

/** What a message between orchestrator and wrapper may hold. */
const MAX_MESSAGE_BYTES = 16 * 1024 ** 2;
const BYTES_A_NUMBER = { float64: 8, float32: 4 };
/** Errors that come before or while features are gathered: a fallback for them may find none. */
const BEFORE_FEATURES = new Set(['FEATURE_UNAVAILABLE', 'DEADLINE_EXCEEDED', 'OVERLOADED']);

/** Checks the models against each other, their fallbacks and the limits of a request. */
export function checkModels(config: Config, fallbacks: CheckedConfig['fallbacks'], report: Report): void {
  checkNames(config, report);
  checkAddresses(config, report);
  for (const [name, fallback] of fallbacks) checkFallbackNeeds(name, fallback, config, report);
  checkLimits(config, report);
}

/** Names that differ in case only are one socket file where the disk does not tell case, and one name to a reader. */
function checkNames(config: Config, report: Report): void {
  const first = new Map<string, string>();
  for (const name of Object.keys(config.models)) {
    const other = first.get(name.toLowerCase());
    if (other === undefined) first.set(name.toLowerCase(), name);
    else report.atKey(['models', name], 'MODEL_NAME', `\`${name}\` and \`${other}\` differ in case only: rename one`);
  }
}

/** A wrapper of ours serves one model, so two models that name one socket would load over each other. */
function checkAddresses(config: Config, report: Report): void {
  const first = new Map<string, string>();
  for (const [name, { wrapper }] of Object.entries(config.models)) {
    const address = wrapper.address ?? `unix:${name}.sock`;
    if (!isAddress(address)) {
      const text = `\`${address}\` is no address: write \`unix:NAME.sock\`, \`unix:/absolute.sock\` or \`host:port\``;
      report.at(['models', name, 'wrapper', 'address'], 'ADDRESS_SYNTAX', text);
      continue;
    }
    const other = first.get(address);
    if (other === undefined) first.set(address, name);
    else if (address.startsWith('unix:') || wrapper.predictor !== undefined) {
      const text = `the wrapper of \`${other}\` has the address \`${address}\` already: each model has its own`;
      report.at(['models', name, 'wrapper', 'address'], 'MODEL_ADDRESS', text);
    }
  }
}

/** Whether a text is an address of a wrapper: the path of a socket, or a host (IPv6 in brackets) and a port. */
function isAddress(text: string): boolean {
  const [, port] = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.%]+\]):(\d{1,5})$/.exec(text) ?? [];
  return port === undefined ? /^unix:[^\s]+$/.test(text) : Number(port) <= 65_535;
}

/** Features that were not gathered are null, and so is what is computed of them, unless the text asks. */
function checkFallbackNeeds(
  name: string,
  { text, reads }: { text: string; reads: readonly string[] },
  config: Config,
  report: Report,
): void {
  const codes = config.models[name]?.fallback?.on.filter((code) => BEFORE_FEATURES.has(code)) ?? [];
  const needed = reads.find((read) => !['instance', 'request'].includes(rootOf(read)));
  if (codes.length === 0 || needed === undefined || /[!=]= *null|\bhas\(/.test(text)) return;
  report.warn(
    ['models', name, 'fallback', 'cel'],
    'FALLBACK_NEEDS',
    `\`${needed}\` may not have been gathered on ${codes.join(' or ')}, and the fallback is null then: test it, as \`${needed} == null ? 0.2 : …\``,
  );
}

function checkLimits(config: Config, report: Report): void {
  const { instances, instancesInFlight } = config.limits;
  const path = ['limits', report.places.has(['limits', 'instances']) ? 'instances' : 'instancesInFlight'];
  if (instances > instancesInFlight) {
    const text = `a request of ${instances} \`instances\` could never be let in: \`instancesInFlight\` is ${instancesInFlight}`;
    report.at(path, 'LIMITS_ORDER', text);
  }
  for (const [name, { features, wrapper }] of Object.entries(config.models)) {
    const most = Math.floor(MAX_MESSAGE_BYTES / features.length / BYTES_A_NUMBER[wrapper.dtype]);
    if (instances <= most) continue;
    const text = `${instances} instances of ${features.length} features are more than the 16 MiB of a message to \`${name}\`: allow at most ${most}`;
    const isWritten = report.places.has(['limits', 'instances']);
    if (isWritten) report.at(['limits', 'instances'], 'MESSAGE_SIZE', text);
    else report.atKey(['models', name, 'features'], 'MESSAGE_SIZE', `${text} in \`limits: { instances }\``);
  }
}
