import { availableParallelism } from 'node:os';

/** What a spec takes from where it is made. */
export interface Machine {
  environment: NodeJS.ProcessEnv;
  /** CPUs that this process may use: those of its cgroup. */
  cpus: number;
}

export const thisMachine = (): Machine => ({ environment: process.env, cpus: availableParallelism() });
