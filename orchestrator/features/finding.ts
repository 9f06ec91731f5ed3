/**
 * All that an examination may find, and how bad it is. `problem`: something is wrong that somebody has to mend;
 * `warning`: it serves, and may hurt; `unknown`: it could not be learned.
 */
export const FINDINGS = {
  UNREACHABLE: 'problem',
  LATE: 'problem',
  EVICTION: 'problem',
  NO_PERSISTENCE: 'problem',
  REPLICA_CUT_OFF: 'problem',
  UNDECODABLE: 'problem',
  WRONG_TYPE: 'problem',
  NOT_READ: 'problem',
  NOT_LOADED: 'problem',
  EVICTION_OF_EXPIRING: 'warning',
  NO_MEMORY_LIMIT: 'warning',
  MEMORY_NEARLY_FULL: 'warning',
  DISK_NEARLY_FULL: 'warning',
  READ_ONLY: 'warning',
  IDLE_TIMEOUT: 'warning',
  SLOW_GETS: 'warning',
  EMPTY_TABLE: 'warning',
  NO_ROW: 'warning',
  UNTIMED: 'warning',
  OUTSIDE_MAX_AGE: 'warning',
  CERTIFICATE_ENDS: 'warning',
  SETTINGS_UNKNOWN: 'unknown',
  KEYS_NOT_LISTED: 'unknown',
} as const satisfies Record<string, 'problem' | 'warning' | 'unknown'>;

export type FindingCode = keyof typeof FINDINGS;

/** One thing that an examination found. Sentences for an operator: no secret stands in them. */
export interface Finding {
  code: FindingCode;
  severity: (typeof FINDINGS)[FindingCode];
  message: string;
  /** What mends it; null where the message says all there is to say. */
  mend: string | null;
}

export function finding(code: FindingCode, message: string, mend: string | null = null): Finding {
  return { code, severity: FINDINGS[code], message, mend };
}
