#!/usr/bin/env node
import { nodeProblem } from './node-version.ts';

// This file and its one import are what an older Node must be able to read: everything else comes after the question.
const problem = nodeProblem(process.versions.node);
if (problem === undefined) {
  const { runProgram } = await import('./program.ts');
  await runProgram(process.argv);
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
}
