import { replicaTarget } from '../foundation/socket-path.ts';
import type { HostSpec } from './host-spec.ts';
import { Supervisor, type SupervisorOptions } from './supervisor.ts';

/** The processes that host one model: `spec.replicas` of them, each with its own address, supervisor and restarts. */
export class ReplicaSet {
  readonly #options: Omit<SupervisorOptions, 'spec'>;
  #spec: HostSpec;
  #supervisors: Supervisor[] = [];

  constructor({ spec, ...options }: SupervisorOptions) {
    this.#spec = spec;
    this.#options = options;
  }

  start(): void {
    while (this.#supervisors.length < this.#spec.replicas) {
      const supervisor = new Supervisor({ ...this.#options, spec: this.#specOf(this.#supervisors.length) });
      this.#supervisors.push(supervisor);
      supervisor.start();
    }
  }

  /** Ends every process at once, calls in flight or not, and starts as many as `spec` says. */
  restart(spec: HostSpec): void {
    this.#spec = spec;
    for (const gone of this.#supervisors.splice(spec.replicas)) void gone.stop();
    for (const [replica, supervisor] of this.#supervisors.entries()) supervisor.restart(this.#specOf(replica));
    this.start();
  }

  /** Asks all to drain, and kills those that do not end in their time. Resolves when they are gone. */
  async stop(): Promise<void> {
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.stop()));
  }

  /** Ends every process at once, whatever it does: for a supervisor that ends itself. */
  kill(): void {
    for (const supervisor of this.#supervisors) supervisor.kill();
  }

  #specOf(replica: number): HostSpec {
    return { ...this.#spec, target: replicaTarget(this.#spec.target, replica) };
  }
}

/** Where each replica of a model listens. */
export function replicaTargets(spec: HostSpec): string[] {
  return Array.from({ length: spec.replicas }, (_, replica) => replicaTarget(spec.target, replica));
}
