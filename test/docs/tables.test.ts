import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { SCALAR_TYPES, type ScalarType } from '../../cel/types.ts';
import { configSchema } from '../../config/schema.ts';
import { AppError, ERROR_CODES, type ErrorCode } from '../../foundation/errors.ts';
import { formatDuration, parseDurationMs, parseSizeBytes } from '../../foundation/duration.ts';
import { FINDINGS } from '../../orchestrator/features/finding.ts';
import { keyPartFormatter } from '../../orchestrator/features/store/row-key.ts';
import { STATUSES } from '../../orchestrator/plan/column.ts';
import { codeOf, readPages, ROOT, tableRows } from './markdown.ts';

const pages = await readPages();
const pageOf = (name: string) => pages.find(({ file }) => file.endsWith(name))!;

test('docs/serving.md has every code with its status, in the order of the table', () => {
  const listed = tableRows(pageOf('serving.md'), 'code', 'status').map((row) => row.slice(0, 3));
  expect(listed).toEqual(
    ERROR_CODES.map((code: ErrorCode) => {
      const { status, retryable } = new AppError(code, '');
      return [`\`${code}\``, String(status), retryable ? 'yes' : 'no'];
    }),
  );
});

test('docs/serving.md has every status of a value', () => {
  expect(tableRows(pageOf('serving.md'), 'status').map(([status]) => codeOf(status))).toEqual([...STATUSES]);
});

test('docs/doctor.md has every finding with its severity, in the order of the table', () => {
  const listed = tableRows(pageOf('doctor.md'), 'code', 'severity').map((row) => row.slice(0, 2).map(codeOf));
  expect(listed).toEqual(Object.entries(FINDINGS));
});

test('docs/serving.md has every limit with its default', () => {
  const { limits } = configSchema.parse({ version: 1, project: 'p' });
  const listed = tableRows(pageOf('serving.md'), 'key', 'default').map(([key, value]) => {
    const text = codeOf(value);
    return [codeOf(key).replace('limits.', ''), parseSizeBytes(text) ?? parseDurationMs(text) ?? Number(text)];
  });
  expect(Object.fromEntries(listed)).toEqual(limits);
  expect(formatDuration(limits.requestTimeout)).toBe('10s');
});

describe('docs/data.md has key parts of every type as they are written', () => {
  const rows = tableRows(pageOf('data.md'), 'type', 'in a key');
  test('bool to timestamp', () => expect(rows.map(([type]) => codeOf(type)).sort()).toEqual([...SCALAR_TYPES].sort()));
  test.each(rows)('%s', (type, _, shown) => {
    const [value, part] = shown.split(' → ').map(codeOf);
    expect(keyPartFormatter(codeOf(type) as ScalarType)(JSON.parse(value) as string | number)).toBe(part);
  });
});

describe('the pages have the command line as it is', () => {
  const help = async (...args: string[]): Promise<string> => {
    const main = join(ROOT, 'cli', 'main.ts');
    return (await promisify(execFile)(process.execPath, [main, ...args, '--help'])).stdout;
  };
  const flagsOf = (text: string): string[] => [...text.matchAll(/--[a-z-]+/g)].map(([flag]) => flag);

  test.each([
    ['ingest', 'data.md', 0],
    ['copy', 'data.md', 1],
    ['batch', 'data.md', 2],
    ['doctor', 'doctor.md', 0],
  ])('the flags of %s', async (command, page, at) => {
    const section = pageOf(page).text.split('| flag')[at + 1].split('\n\n', 1)[0];
    const listed = [...section.matchAll(/^\| `(?:-\w`, `)?(--[a-z-]+)/gm)].map(([, flag]) => flag);
    const options = (await help(command)).split('Options:')[1].split('Example:')[0];
    const known = new Set(flagsOf(options.replaceAll(/(?<=^ {2}--?\S.*) {2,}.*$/gm, '')));
    expect(listed.sort()).toEqual([...known].filter((flag) => flag !== '--help').sort());
  });

  test('the commands', async () => {
    const listed = tableRows(pageOf('README.md'), 'command', 'does').map(([cell]) => codeOf(cell).split(' ')[1]);
    const commands = (await help()).split('Commands:')[1];
    const known = [...commands.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
    expect(listed.sort()).toEqual(known.sort());
  });
});
