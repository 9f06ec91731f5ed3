import { formatBytes } from '../../../foundation/duration.ts';
import { finding, type Finding } from '../finding.ts';

/** What a server of the Redis family says of itself; null for what it does not say. */
export interface RedisSettings {
  usedMemoryBytes: number | null;
  /** 0: no limit. */
  maxMemoryBytes: number | null;
  maxMemoryPolicy: string | null;
  /** The points at which a snapshot is written; empty: none is. */
  save: string | null;
  isAppendOnly: boolean | null;
  isReplica: boolean | null;
  isReadOnly: boolean | null;
  /** Of a replica: whether it is connected to what it replicates. */
  isLinkUp: boolean | null;
  /** How long a connection may be idle until the server closes it; 0: for ever. */
  idleTimeoutSeconds: number | null;
}

/** Memory above this share of the limit is told: rows are refused, or vanish, at the limit. */
const NEARLY_FULL = 0.8;

/**
 * What of a server's settings hurts a store of features. `expiryMs` is that of the store's rows, undefined where they
 * stay.
 */
export function judgeRedisSettings(settings: RedisSettings, expiryMs: number | undefined): Finding[] {
  return [
    ...judgeMemory(settings, expiryMs),
    ...judgePersistence(settings),
    ...judgeRole(settings),
    ...judgeIdleTimeout(settings),
    ...judgeUnknown(settings),
  ];
}

function judgeMemory(settings: RedisSettings, expiryMs: number | undefined): Finding[] {
  const { usedMemoryBytes: used, maxMemoryBytes: limit, maxMemoryPolicy: policy } = settings;
  const findings: Finding[] = [];
  if (limit === 0) {
    const message = 'maxmemory is 0: the server takes memory until the machine has none left, and is then killed';
    const mend = 'CONFIG SET maxmemory to what the machine can give, with maxmemory-policy noeviction';
    findings.push(finding('NO_MEMORY_LIMIT', message, mend));
  } else if (policy !== null && policy !== 'noeviction') {
    findings.push(evictionFinding(policy, expiryMs));
  }
  if (limit !== null && limit > 0 && used !== null && used > NEARLY_FULL * limit) {
    const share = Math.round((100 * used) / limit);
    const then = policy === 'noeviction' ? 'rows are refused' : 'rows may vanish';
    const message = `${share}% of maxmemory (${formatBytes(limit)}) is used: at the limit ${then}`;
    findings.push(finding('MEMORY_NEARLY_FULL', message, 'raise maxmemory, or keep fewer or smaller rows'));
  }
  return findings;
}

function evictionFinding(policy: string, expiryMs: number | undefined): Finding {
  const mend = 'CONFIG SET maxmemory-policy noeviction, and an alarm on used memory';
  const isOfExpiringOnly = policy.startsWith('volatile-');
  if (!isOfExpiringOnly || expiryMs !== undefined) {
    const message = `maxmemory-policy ${policy}: at the limit rows vanish silently, and look like NOT_FOUND`;
    return finding('EVICTION', message, mend);
  }
  const message = `maxmemory-policy ${policy}: at the limit rows that have an expiry vanish silently; this store sets none`;
  return finding('EVICTION_OF_EXPIRING', message, mend);
}

function judgePersistence({ save, isAppendOnly, isReplica }: RedisSettings): Finding[] {
  // A replica that starts again gets its rows from the server that it replicates.
  if (save !== '' || isAppendOnly !== false || isReplica === true) return [];
  const message = 'nothing is kept on disk (save "", appendonly no): all rows are gone after a restart';
  return [finding('NO_PERSISTENCE', message, 'CONFIG SET appendonly yes, or a CONFIG SET save such as "900 1"')];
}

function judgeRole({ isReplica, isReadOnly, isLinkUp }: RedisSettings): Finding[] {
  if (isReplica !== true) return [];
  const findings: Finding[] = [];
  if (isLinkUp === false) {
    const message = 'the server is a replica that has lost its primary: rows are as old as that';
    findings.push(finding('REPLICA_CUT_OFF', message, 'see why it cannot reach the primary: INFO replication'));
  }
  if (isReadOnly !== false) {
    const message = 'the server is a read-only replica: ingest and push cannot write here';
    findings.push(finding('READ_ONLY', message, 'name the primary in the url where rows are written'));
  }
  return findings;
}

function judgeIdleTimeout({ idleTimeoutSeconds: seconds }: RedisSettings): Finding[] {
  if (seconds === null || seconds === 0) return [];
  const message = `timeout ${seconds}: the server closes a connection that is idle for ${seconds} s, and a read fails at that moment`;
  return [finding('IDLE_TIMEOUT', message, 'CONFIG SET timeout 0')];
}

/** As `CONFIG SET` calls what the server did not say. */
function judgeUnknown(settings: RedisSettings): Finding[] {
  const unknown = Object.entries({
    maxmemory: settings.maxMemoryBytes,
    'maxmemory-policy': settings.maxMemoryPolicy,
    // One of the two is enough for rows to be kept.
    save: settings.isAppendOnly === true ? '' : settings.save,
    appendonly: settings.save !== null && settings.save !== '' ? true : settings.isAppendOnly,
    'replica-read-only': settings.isReplica === false ? false : settings.isReadOnly,
    timeout: settings.idleTimeoutSeconds,
  }).flatMap(([name, value]) => (value === null ? [name] : []));
  if (unknown.length === 0) return [];
  return [finding('SETTINGS_UNKNOWN', `the server does not tell ${unknown.join(', ')}`)];
}
