import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Problem } from '../config/checked.ts';
import { MODEL_RULES } from '../config/model-rules.ts';
import { RULES } from '../config/rules.ts';
import { packageVersion } from '../foundation/package-version.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json';
/** The folder that relative addresses are relative to; code hosts put the repository's root in its place. */
const ROOT_ID = '%SRCROOT%';
const RULES_PAGE = 'docs/check-rules.md';

/**
 * Problems as a log of the Static Analysis Results Interchange Format (OASIS SARIF 2.1.0, sections 3.13 ff.), which
 * code hosts show beside the lines. Files below `root` are named relative to it.
 */
export function sarifLog(problems: readonly Problem[], root: string): object {
  const codes = [...new Set(problems.map(({ code }) => code))].sort();
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'tandem', version: packageVersion(), rules: codes.map(reportingDescriptor) } },
        // Columns are those of a JavaScript string.
        columnKind: 'utf16CodeUnits',
        results: problems.map((problem) => ({
          ruleId: problem.code,
          ruleIndex: codes.indexOf(problem.code),
          level: problem.severity,
          message: { text: problem.message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: artifactLocation(problem.file, root),
                region: { startLine: problem.line, startColumn: problem.column },
              },
            },
          ],
        })),
      },
    ],
  };
}

/** `helpUri` is absolute (3.49.12), and the page of the rules is in the repository: `help` names it. */
function reportingDescriptor(code: string): object {
  const page = `${RULES_PAGE}#${code.toLowerCase()}`;
  return {
    id: code,
    shortDescription: { text: ruleOf(code) },
    help: { text: `See ${page}`, markdown: `See [${page}](${page}).` },
  };
}

function ruleOf(code: string): string {
  const rules: Readonly<Record<string, string>> = { ...RULES, ...MODEL_RULES };
  return rules[code] ?? 'An expression is CEL, and the types in it fit.';
}

function artifactLocation(file: string, root: string): object {
  const path = resolve(root, file);
  const below = relative(root, path);
  if (below.startsWith('..') || isAbsolute(below)) return { uri: pathToFileURL(path).href };
  return { uri: below.split(sep).map(encodeURIComponent).join('/'), uriBaseId: ROOT_ID };
}
