import type { CheckedConfig } from './checked.ts';
import { pointerProblem } from './json-pointer.ts';
import type { Path } from './places.ts';
import type { Report } from './report.ts';
import type { Config, ViewConfig } from './schema.ts';
import { originProblem, pathProblem, readTemplate } from './url-template.ts';

/** Checks the services, and of each view that reads one what it asks for and where the answer has it. */
export function checkServices(config: Config, keys: CheckedConfig['keys'], report: Report): void {
  for (const [name, { url }] of Object.entries(config.services)) {
    const problem = originProblem(url);
    if (problem) report.at(['services', name, 'url'], 'SERVICE_URL', `the url of \`${name}\` ${problem}`);
  }
  for (const [name, view] of Object.entries(config.views)) {
    if (view.service !== undefined) checkServiceView(name, view, keys, report);
  }
}

function checkServiceView(name: string, view: ViewConfig, keys: CheckedConfig['keys'], report: Report): void {
  const path = ['views', name];
  const parts = Object.keys(view.key);
  const isKeyWhole = !report.broken.touches([...path, 'key']) && (keys.get(name)?.length ?? 0) === parts.length;
  if (view.get !== undefined) checkGet([...path, 'get'], view.get, isKeyWhole ? parts : undefined, report);
  if (view.batch) checkBatch(name, view.batch, isKeyWhole ? parts : undefined, report);
  checkPointer([...path, 'timestamp'], view.timestamp, report);
  for (const [field, { at }] of Object.entries(view.fields)) checkPointer([...path, 'fields', field, 'at'], at, report);
}

function checkGet(path: Path, text: string, parts: readonly string[] | undefined, report: Report): void {
  const wrongPath = pathProblem(text);
  if (wrongPath) {
    report.at(path, 'URL_PATH', `${shown(path, text, report)} ${wrongPath}`);
    return;
  }
  const { names, problem } = readTemplate(text);
  const unknown = parts && names.find((each) => !parts.includes(each));
  const unused = parts?.find((part) => !names.includes(part));
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  const said =
    problem ??
    (unknown && `\`{${unknown}}\` is no part of the key, which has ${parts.map((part) => `\`${part}\``).join(', ')}`) ??
    (twice && `\`{${twice}}\` stands in it twice`) ??
    (unused && `the key part \`${unused}\` is not in it, so that different keys would ask for the same`);
  if (said) report.at(path, 'URL_TEMPLATE', `${shown(path, text, report)}: ${said}`);
}

function checkBatch(
  name: string,
  batch: NonNullable<ViewConfig['batch']>,
  parts: readonly string[] | undefined,
  report: Report,
): void {
  const path = ['views', name, 'batch'];
  const wrongPath = pathProblem(batch.post);
  if (wrongPath)
    report.at([...path, 'post'], 'URL_PATH', `${shown([...path, 'post'], batch.post, report)} ${wrongPath}`);
  else if (/[{}]/.test(batch.post)) {
    const text = `${shown([...path, 'post'], batch.post, report)}: keys go into the body of a batch, not into its path`;
    report.at([...path, 'post'], 'URL_TEMPLATE', text);
  }
  if (!holdsKeys(batch.body)) {
    const text = 'the body says nowhere where the keys go: write `$keys` where their list stands';
    report.atKey([...path, 'body'], 'BATCH_BODY', text);
  }
  checkPointer([...path, 'items'], batch.items, report);
  for (const [part, pointer] of Object.entries(batch.match)) {
    checkPointer([...path, 'match', part], pointer, report);
    if (parts && !parts.includes(part)) {
      report.atKey([...path, 'match', part], 'BATCH_MATCH', `\`${part}\` is no part of the key of \`${name}\``);
    }
  }
  const unmatched = parts?.find((part) => !Object.hasOwn(batch.match, part));
  if (unmatched !== undefined && !report.broken.touches([...path, 'match'])) {
    const text = `an item is found by its whole key: say where it has \`${unmatched}\``;
    report.atKey([...path, 'match'], 'BATCH_MATCH', text);
  }
}

function checkPointer(path: Path, pointer: string | undefined, report: Report): void {
  const problem = pointer === undefined ? undefined : pointerProblem(pointer);
  if (problem) report.at(path, 'JSON_POINTER', `\`${pointer}\` ${problem}`);
}

/** A path as the YAML has it; what the environment made of it may hold a key of the service, and is not told. */
function shown(path: Path, text: string, report: Report): string {
  return report.places.isSubstituted(path) ? 'this' : `\`${text}\``;
}

/** Whether `$keys` stands anywhere in the body; without recursion, so that no nesting is too deep. */
function holdsKeys(body: unknown): boolean {
  const left = [body];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (next === '$keys') return true;
    if (typeof next === 'object' && next !== null) left.push(...(Object.values(next) as unknown[]));
  }
  return false;
}
