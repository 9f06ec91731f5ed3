import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startDev } from '../e2e/start-dev.ts';
import { checkPickles } from './check-pickles.ts';
import { checkWriters } from './check-writers.ts';
import { ensurePython } from '../python.ts';
import { ensureLibraries } from '../wrapper/python-models.ts';
import { runChecks } from './run-checks.ts';

/**
 * `npm run interop`: the example beside peers that we did not write. Parquet read by pyarrow, predictions of Python's
 * onnxruntime, the same through our wrapper in Python, our wrapper called by Triton's client, models of scikit-learn read
 * by `check --load`, rows written by Spark and Beam; all from the registries, pinned, in `.cache/interop`.
 */
const run = promisify(execFile);
const MODEL = '/v1/models/delay-risk';
const EXAMPLE = fileURLToPath(new URL('../../examples/flights/', import.meta.url));
const TANDEM = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const BOARDS = join(EXAMPLE, 'boards.jsonl');

const python = await ensurePython(new URL('requirements.txt', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'tandem-interop-'));
const parquet = join(folder, 'features.parquet');
const boards = (await readFile(BOARDS, 'utf8')).trimEnd().split('\n');
try {
  const checked = [
    await checkClass(),
    await checkBuiltin(),
    await keepPython(),
    await checkPickles(python, folder),
    await checkWriters(await newFolder('writers')),
    await runChecks(python, 'check_boards.py', [folder, join(EXAMPLE, 'model', 'model.onnx')]),
  ];
  if (checked.includes(false)) process.exitCode = 1;
  console.log(process.exitCode === 1 ? 'interop failed' : 'interop: all agree');
} finally {
  await rm(folder, { recursive: true });
}

/** tandem.yaml, whose model is a class: batch, endpoint and the wrapper as a server that others call. */
async function checkClass(): Promise<boolean> {
  const stateDir = await newFolder('class');
  const config = join(EXAMPLE, 'tandem.yaml');
  const dev = await startDev(config, stateDir);
  try {
    const flags = ['--instances', BOARDS, '--out', parquet, '--statuses', '--predict', '--state-dir', stateDir];
    const { stdout } = await run(process.execPath, [TANDEM, 'batch', config, ...flags], {
      env: { ...process.env, ...dev.environment },
    });
    console.log(stdout.trimEnd());
    await keepAnswers(`${dev.http}${MODEL}:features`, 'features.jsonl');
    await keepAnswers(`${dev.http}${MODEL}:predict`, 'class.jsonl');
    // A class says what it answers by answering: nothing is listed beforehand.
    return await runChecks(python, 'check_protocol.py', [socketIn(stateDir), parquet]);
  } finally {
    await dev.stop();
  }
}

/** onnx.yaml, whose model is a file that lists its outputs. */
async function checkBuiltin(): Promise<boolean> {
  const stateDir = await newFolder('builtin');
  const dev = await startDev(join(EXAMPLE, 'onnx.yaml'), stateDir);
  try {
    await keepAnswers(`${dev.http}${MODEL}:predict`, 'builtin.jsonl');
    return await runChecks(python, 'check_protocol.py', [socketIn(stateDir), parquet, 'label', 'probabilities']);
  } finally {
    await dev.stop();
  }
}

/** The class in Python, and the file that is opened in Python; false never: check_boards.py compares what they answer. */
async function keepPython(): Promise<boolean> {
  const hosting = await ensureLibraries();
  const overlay = join(folder, 'builtin-python.yaml');
  await writeFile(overlay, `models: { delay-risk: { wrapper: { python: '${hosting}' } } }\n`);
  for (const [file, over, answers] of [
    ['tandem.yaml', join(EXAMPLE, 'python.yaml'), 'class-python.jsonl'],
    ['onnx.yaml', overlay, 'builtin-python.jsonl'],
  ]) {
    const options = { overlays: [over], environment: { PYTHON: hosting } };
    const dev = await startDev(join(EXAMPLE, file), await newFolder(answers.replace('.jsonl', '')), options);
    try {
      await keepAnswers(`${dev.http}${MODEL}:predict`, answers);
    } finally {
      await dev.stop();
    }
  }
  return true;
}

function socketIn(stateDir: string): string {
  return `unix:${join(stateDir, 'delay-risk.sock')}`;
}

/** Posts every board, one after the other, and keeps the answers' texts as they came, a line each. */
async function keepAnswers(url: string, file: string): Promise<void> {
  const answers: string[] = [];
  for (const [at, body] of boards.entries()) {
    const response = await fetch(url, { method: 'POST', body });
    const answer = await response.text();
    if (!response.ok) throw new Error(`board ${at}: ${response.status} ${answer}`);
    answers.push(answer);
  }
  await writeFile(join(folder, file), answers.join('\n'));
}

async function newFolder(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  return path;
}
