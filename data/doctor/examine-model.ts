import type { ModelConfig } from '../../config/schema.ts';
import { wrapperTarget } from '../../foundation/socket-path.ts';
import { finding } from '../../orchestrator/features/finding.ts';
import { inspectModelServer } from '../../orchestrator/model/inspect-server.ts';
import { isUnreachable } from '../../orchestrator/model/status.ts';
import type { ModelExamination } from './examination.ts';
import { failureFinding } from './failure.ts';
import { inTime, type Bounds } from './in-time.ts';
import { percentilesOf } from './percentiles.ts';

/** Asks where a model is hosted whether it is loaded, and has nothing loaded. Never rejects: what failed is a finding. */
export async function examineModel(
  name: string,
  { wrapper: { address } }: ModelConfig,
  stateDir: string,
  bounds: Bounds,
): Promise<ModelExamination> {
  const examined: ModelExamination = {
    part: 'model',
    name,
    address: address ?? `unix:${name}.sock`,
    connectMs: null,
    server: null,
    isLoaded: null,
    version: null,
    roundTrips: null,
    findings: [],
  };
  const { now, timeoutMs } = bounds;
  const target = wrapperTarget(name, address, stateDir);
  try {
    const { server, version, roundTripsMs, ...told } = await inTime(bounds, ({ signal }) =>
      inspectModelServer(target, name, { signal, now }),
    );
    Object.assign(examined, told, {
      server: server ?? null,
      version: version ?? null,
      roundTrips: percentilesOf(roundTripsMs),
    });
    if (told.isLoaded) return examined;
    const message = 'the server is there, and has not loaded the model';
    examined.findings.push(finding('NOT_LOADED', message, 'see its log, and `wrapper.modelUri`'));
  } catch (thrown) {
    const isAway = isUnreachable(thrown);
    const mend = `tandem wrap hosts it; or see \`models.${name}.wrapper.address\``;
    examined.findings.push(
      isAway
        ? finding('UNREACHABLE', 'the wrapper cannot be reached', mend)
        : failureFinding('the wrapper', thrown, timeoutMs),
    );
  }
  return examined;
}
