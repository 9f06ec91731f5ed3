import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ensurePython } from '../python.ts';

const PYTHONPATH = fileURLToPath(new URL('../../wrapper/python', import.meta.url));

const SOURCE = `
from tandem_wrapper.testing import run_case


class Sum:
    def predict(self, request):
        return request.matrix.sum(axis=1)


class Later:
    async def predict(self, request):
        return [str(request.rows)] * request.rows


print(run_case(Sum, features={"a": [1, 2], "b": [3, 4]}).tolist())
print(run_case(Later, matrix=[[1.0], [2.0]]))
try:
    run_case(Sum, features={"a": [1, None]})
except Exception as failed:
    print(failed)
`;

test('a predictor is run as the wrapper runs it, by its thread or on the loop', async () => {
  const env = { ...process.env, PYTHONPATH, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await promisify(execFile)(await ensurePython(), ['-c', SOURCE], { env, timeout: 20_000 });
  expect(stdout.split('\n')).toEqual([
    '[4.0, 6.0]',
    "['2', '2']",
    '`predict` returned NaN for row 1; every number is finite.',
    '',
  ]);
});
