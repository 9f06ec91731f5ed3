import type { CheckedConfig } from '../../config/checked.ts';
import { functionsAddress, functionsName, functionsOf } from '../../config/model-functions.ts';
import { replicaTarget, wrapperTarget } from '../../foundation/socket-path.ts';
import { finding } from '../../orchestrator/features/finding.ts';
import { inspectModelServer } from '../../orchestrator/model/inspect-server.ts';
import { isUnreachable } from '../../orchestrator/model/status.ts';
import type { ModelExamination } from './examination.ts';
import { failureFinding } from './failure.ts';
import { inTime, type Bounds } from './in-time.ts';
import { percentilesOf } from './percentiles.ts';

export interface ModelBounds extends Bounds {
  /** Absolute. */
  stateDir: string;
}

/** A process that is asked. */
interface Server extends Pick<ModelExamination, 'part' | 'name' | 'address'> {
  /** What it is dialled by. */
  target: string;
  /** The name of the model on the wire. */
  served: string;
  /** What to do where nobody answers, or nothing is loaded. */
  hostedBy: string;
  loadedFrom: string;
}

/**
 * Asks where a model is hosted whether it is loaded, and has nothing loaded: one process after the other, as many as the
 * first says that there are; then that of its functions, where it has any. Never rejects: what failed is a finding.
 */
export async function* examineModel(
  name: string,
  checked: CheckedConfig,
  bounds: ModelBounds,
): AsyncGenerator<ModelExamination> {
  const { address: written } = checked.config.models[name].wrapper;
  const first: Server = {
    part: 'model',
    name,
    address: written ?? `unix:${name}.sock`,
    target: wrapperTarget(name, written, bounds.stateDir),
    served: name,
    hostedBy: `tandem wrap hosts it; or see \`models.${name}.wrapper.address\``,
    loadedFrom: 'see its log, and `wrapper.modelUri`',
  };
  const examined = await examineServer(first, bounds);
  yield examined;
  for (let replica = 1; replica < (examined.replicas ?? 1); replica++) {
    const [address, target] = [first.address, first.target].map((text) => replicaTarget(text, replica));
    const hostedBy = 'its wrapper starts it again when it has ended: see its log';
    yield await examineServer({ ...first, address, target, hostedBy }, bounds);
  }
  const functions = functionsOf(checked, name);
  if (functions.length === 0) return;
  const address = functionsAddress(name, functions);
  yield await examineServer(
    {
      part: 'functions',
      name,
      address,
      target: wrapperTarget(name, address, bounds.stateDir),
      served: functionsName(name),
      hostedBy: 'tandem wrap hosts them, started with the functions and arguments that the YAML has now',
      loadedFrom: 'see its log',
    },
    bounds,
  );
}

async function examineServer(server: Server, bounds: ModelBounds): Promise<ModelExamination> {
  const { part, name, address, target, served } = server;
  const examined: ModelExamination = {
    part,
    name,
    address,
    connectMs: null,
    server: null,
    isLoaded: null,
    version: null,
    replicas: null,
    calls: null,
    roundTrips: null,
    findings: [],
  };
  const { now, timeoutMs } = bounds;
  try {
    const { roundTripsMs, ...told } = await inTime(bounds, ({ signal }) =>
      inspectModelServer(target, served, { signal, now }),
    );
    Object.assign(examined, told, { roundTrips: percentilesOf(roundTripsMs) });
    if (told.isLoaded) return examined;
    const what = part === 'model' ? 'the model' : 'the functions';
    const message = `the server is there, and has not loaded ${what}`;
    examined.findings.push(finding('NOT_LOADED', message, server.loadedFrom));
  } catch (thrown) {
    examined.findings.push(
      isUnreachable(thrown)
        ? finding('UNREACHABLE', 'the wrapper cannot be reached', server.hostedBy)
        : failureFinding('the wrapper', thrown, timeoutMs),
    );
  }
  return examined;
}
