import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Outcome {
  ok?: true;
  error?: string;
  cause?: string;
}

const RIGHT: Record<string, string> = {
  'a TypeScript class': `import type { Predictor, PredictRequest } from 'tandem-serving';
    export default class P implements Predictor { predict(request: PredictRequest): number[] { return [1]; } }`,
  'an anonymous class': 'export default class { predict() { return [1]; } }',
  'a predict that is a field': 'export default class P { predict = () => [1]; }',
  'a class that inherits': 'class Base { predict() { return [1]; } }\nexport default class P extends Base {}',
  'a load that uses the folder': `import { basename } from 'node:path';
    export default class P { load(dir) { if (!basename(dir).startsWith('tandem-')) throw dir; } predict() {} }`,
};

/** What is wrong, the file's text, and the sentence. `$` is the file's name. */
const WRONG: [string, string, string][] = [
  [
    'a syntax error',
    'export default class {\n  predict( { return 1 }\n}',
    "$ has a syntax error: Expected ',', got 'numeric literal'.",
  ],
  [
    'an enum',
    'enum A { X }\nexport default class P { predict() { return [A.X]; } }',
    '$ uses TypeScript that is more than types: TypeScript enum is not supported in strip-only mode (types are stripped, nothing is compiled).',
  ],
  [
    'a parameter property',
    'export default class P { constructor(private a: number) {} }',
    '$ uses TypeScript that is more than types: TypeScript parameter property is not supported in strip-only mode (types are stripped, nothing is compiled).',
  ],
  [
    'a missing package',
    "import x from 'no-such-package';\nexport default x;",
    '$ imports "no-such-package", which cannot be found.',
  ],
  ['a missing file', "import x from './gone.ts';\nexport default x;", '$ imports "gone.ts", which cannot be found.'],
  [
    'a type imported as a value',
    "import { Stats } from 'node:process';\nexport default class P { x: Stats }",
    "$ imports a name that is not there: The requested module 'node:process' does not provide an export named 'Stats' (a type is imported by `import type`).",
  ],
  ['code that throws', "throw new Error('no GPU');", '$ failed while it was imported: no GPU.'],
  [
    'no export at all',
    'class P { predict() {} }',
    '$ has no default export (it exports nothing); write `export default class …`.',
  ],
  [
    'only named exports',
    'export class P { predict() {} }',
    '$ has no default export (it exports only P); write `export default class …`.',
  ],
  ['an object', 'export default { predict() {} };', 'The default export of $ is an object, not a class.'],
  ['null', 'export default null;', 'The default export of $ is null, not a class.'],
  ['an arrow function', 'export default () => [1];', 'The default export of $ is a function, not a class.'],
  [
    'no predict',
    'export default class Risk { prediction() {} }',
    'Class Risk in $ has no method `predict` (it has prediction).',
  ],
  [
    'a predict that is no method',
    'export default class Risk { predict = 3; }',
    'Class Risk in $ has no method `predict`.',
  ],
  [
    'a load that is no method',
    "export default class P { load = 'x'; predict() {} }",
    '`load` of $ is a string, not a method.',
  ],
  [
    'a constructor that throws',
    "export default class P { constructor() { throw new Error('bad day'); } predict() {} }",
    'The constructor of $ failed: bad day.',
  ],
  [
    'a load that throws',
    "export default class P { load() { throw new TypeError('bad file'); } predict() {} }",
    '`load` of $ failed: bad file.',
  ],
  [
    'a load that rejects',
    "export default class P { async load() { throw 'a text'; } predict() {} }",
    '`load` of $ failed: a text.',
  ],
];

let folder: string;
const outcomes = new Map<string, Outcome>();
const fileOf = (kind: string, index: number): string => join(folder, `${kind}${index}.ts`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-'));
  await mkdir(join(folder, 'folder.ts'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'broken.mjs'), 'export default class {\n  predict( { return 1 }\n}');
  const files = [join(folder, 'gone.ts'), join(folder, 'folder.ts'), join(folder, 'p.py'), join(folder, 'broken.mjs')];
  for (const [kind, texts] of [
    ['right', Object.values(RIGHT)],
    ['wrong', WRONG.map(([, text]) => text)],
  ] as const) {
    for (const [index, text] of texts.entries()) {
      await writeFile(fileOf(kind, index), text);
      files.push(fileOf(kind, index));
    }
  }
  const script = fileURLToPath(new URL('open-all.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...files]);
  const lines = stdout.trim().split('\n');
  for (const [index, file] of files.entries()) outcomes.set(file, JSON.parse(lines[index]) as Outcome);
});
afterAll(() => rm(folder, { recursive: true }));

describe('opens', () => {
  test.each(Object.keys(RIGHT).map((name, index) => [name, index] as const))('%s', (_, index) => {
    expect(outcomes.get(fileOf('right', index))).toEqual({ ok: true });
  });
});

describe('names what is wrong with', () => {
  test.each(WRONG.map(([name, , sentence], index) => [name, sentence, index] as const))('%s', (_, sentence, index) => {
    expect(outcomes.get(fileOf('wrong', index))!.error).toBe(sentence.replace('$', `wrong${index}.ts`));
  });

  test('a file that is not there, a folder, and a file of another language', () => {
    expect(outcomes.get(join(folder, 'gone.ts'))!.error).toBe('wrapper.predictor names gone.ts, which does not exist.');
    expect(outcomes.get(join(folder, 'folder.ts'))!.error).toBe(
      'wrapper.predictor names folder.ts, which is not a file.',
    );
    expect(outcomes.get(join(folder, 'p.py'))!.error).toBe(
      'wrapper.predictor names "p.py"; it is `onnx` or a .ts, .mts, .js or .mjs file.',
    );
  });
});

describe('the researcher’s own error goes to the log', () => {
  test('with its stack', () => {
    const index = WRONG.findIndex(([name]) => name === 'a load that throws');
    expect(outcomes.get(fileOf('wrong', index))!.cause).toMatch(/TypeError: bad file\n.*wrong\d+\.ts:1/);
  });

  test('with the line of a syntax error, which Node leaves out of it', () => {
    const { error, cause } = outcomes.get(join(folder, 'broken.mjs'))!;
    expect(error).toBe('broken.mjs has a syntax error: Unexpected number.');
    expect(cause).toContain('broken.mjs:2\n  predict( { return 1 }');
  });
});

test('onnxruntime-node, which is optional, is named with its install command where it is absent', async () => {
  const model = join(folder, 'm.onnx');
  await writeFile(model, '');
  const absent = `import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => next(name === 'onnxruntime-node' ? 'absent-package' : name, context) });`;
  const script = `import { openOnnx } from ${JSON.stringify(new URL('../../wrapper/predictors/onnx.ts', import.meta.url).href)};
    await openOnnx(${JSON.stringify(model)}, 1).catch((error) => console.log(error.message));`;
  const preload = `data:text/javascript,${encodeURIComponent(absent)}`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    preload,
    '--input-type=module',
    '-e',
    script,
  ]);
  expect(stdout.trim()).toBe(
    '`predictor: onnx` runs on onnxruntime-node, which is not installed: npm install onnxruntime-node',
  );
});
