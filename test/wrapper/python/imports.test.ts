import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ensurePython } from '../../python.ts';

const run = promisify(execFile);
const PYTHONPATH = fileURLToPath(new URL('../../../wrapper/python', import.meta.url));

const FRAME = `
from tandem_wrapper.testing import run_case
class Framed:
    def predict(self, request):
        return request.frame()["a"]
try:
    run_case(Framed, features={"a": [1]})
except Exception as failed:
    print(failed.__cause__)
`;

test('without httpx the client says how to get it', async () => {
  const source = 'try:\n    import tandem_wrapper.client\nexcept ImportError as missing:\n    print(missing)';
  expect(await printed(await ensurePython(), source)).toBe('tandem_wrapper.client needs httpx: pip install httpx\n');
});

test('without pandas request.frame() says how to get it', async () => {
  expect(await printed(await ensurePython(), FRAME)).toBe('request.frame() needs pandas: pip install pandas\n');
});

test('the client needs neither gRPC nor protobuf nor pandas, and the package itself nothing', async () => {
  const python = await ensurePython(new URL('requirements.txt', import.meta.url));
  const heavy = '{"grpc", "google.protobuf", "numpy", "pandas", "httpx"} & set(sys.modules)';
  const source = `import sys\nfor name in sys.argv[1:]:\n    __import__(name)\n    print(sorted(${heavy}))`;
  const names = ['tandem_wrapper', 'tandem_wrapper.client'];
  expect(await printed(python, source, names)).toBe("[]\n['httpx', 'numpy']\n");
}, 120_000);

async function printed(python: string, source: string, args: string[] = []): Promise<string> {
  const env = { ...process.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await run(python, ['-c', source, ...args], { env });
  return stdout;
}
