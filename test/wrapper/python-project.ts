import { ensurePython } from '../python.ts';
import { openProject, type Project } from './wrap-process.ts';

/** A project whose predictor is this source in `predictor.py`; `wrapper` are lines beside its interpreter. */
export async function openPythonProject(
  source: string,
  { wrapper, predictor = './predictor.py' }: { wrapper?: string; predictor?: string } = {},
): Promise<Project> {
  const python = `python: ${await ensurePython()}`;
  const project = await openProject('', {
    predictor,
    wrapper: wrapper === undefined ? python : `${wrapper}, ${python}`,
  });
  await project.write('predictor.py', source);
  return project;
}
