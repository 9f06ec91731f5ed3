import { expect, it } from 'vitest';
import type { Problem } from '../../config/checked.ts';
import { sarifLog } from '../../cli/sarif.ts';

const PROBLEMS: Problem[] = [
  {
    file: '/repo/views/über uns.yaml',
    line: 3,
    column: 5,
    severity: 'error',
    code: 'UNKNOWN_KEY',
    message: 'unknown key',
  },
  { file: 'tandem.yaml', line: 9, column: 1, severity: 'warning', code: 'MODEL_UNREAD', message: 'cannot be read' },
  {
    file: '/elsewhere/shared.yaml',
    line: 1,
    column: 1,
    severity: 'error',
    code: 'UNKNOWN_KEY',
    message: 'unknown key',
  },
  { file: 'tandem.yaml', line: 2, column: 1, severity: 'error', code: 'CEL_TYPE', message: 'no' },
];

interface Log {
  version: string;
  runs: {
    tool: {
      driver: { name: string; rules: { id: string; shortDescription: { text: string }; help: { text: string } }[] };
    };
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: { physicalLocation: { artifactLocation: object; region: object } }[];
    }[];
  }[];
}

const log = sarifLog(PROBLEMS, '/repo') as Log;
const [run] = log.runs;

it('has what SARIF 2.1.0 requires of a log, a run, a tool and a result', () => {
  expect(log.version).toBe('2.1.0');
  expect(log.runs).toHaveLength(1);
  expect(run.tool.driver.name).toBe('tandem');
  expect(run.results.map(({ ruleId, level, message }) => [ruleId, level, message.text])).toEqual(
    PROBLEMS.map(({ code, severity, message }) => [code, severity, message]),
  );
});

it('describes each rule that was broken once, and every result names it', () => {
  const { rules } = run.tool.driver;
  expect(rules.map(({ id }) => id)).toEqual(['CEL_TYPE', 'MODEL_UNREAD', 'UNKNOWN_KEY']);
  for (const { ruleId, ruleIndex } of run.results) expect(rules[ruleIndex].id).toBe(ruleId);
  for (const { id, shortDescription, help } of rules) {
    expect(shortDescription.text).toMatch(/^[A-Z].+\.$/);
    expect(help.text).toContain(`docs/check-rules.md#${id.toLowerCase()}`);
  }
});

it('names files relative to the folder that it runs in, as an address has them, and others whole', () => {
  const locations = run.results.map(({ locations: [{ physicalLocation }] }) => physicalLocation);
  expect(locations.map(({ artifactLocation }) => artifactLocation)).toEqual([
    { uri: 'views/%C3%BCber%20uns.yaml', uriBaseId: '%SRCROOT%' },
    { uri: 'tandem.yaml', uriBaseId: '%SRCROOT%' },
    { uri: 'file:///elsewhere/shared.yaml' },
    { uri: 'tandem.yaml', uriBaseId: '%SRCROOT%' },
  ]);
  expect(locations[0].region).toEqual({ startLine: 3, startColumn: 5 });
});

it('is a whole log where there is nothing to say', () => {
  expect((sarifLog([], '/repo') as Log).runs[0]).toMatchObject({ results: [], tool: { driver: { rules: [] } } });
});
