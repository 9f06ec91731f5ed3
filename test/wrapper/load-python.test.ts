import { expect, test } from 'vitest';
import { openPythonProject } from './python-project.ts';

const SOURCE = `
import time


class Slow:
    def load(self, model_dir):
        print("loading")
        time.sleep(600)

    def predict(self, request):
        return request.matrix[:, 0]
`;

test('SIGTERM while a `load` in Python runs does not wait for it', async () => {
  const project = await openPythonProject(SOURCE);
  try {
    const wrap = project.wrap();
    await wrap.logged(/loading/);
    wrap.kill('SIGTERM');
    expect(await wrap.exited).toEqual({ code: 0, signal: null });
    expect(wrap.log).not.toContain('did not end in its time');
  } finally {
    await project.close();
  }
});
