import type { ScalarType } from '../../cel/types.ts';
import type { Finding } from '../../orchestrator/features/finding.ts';
import type { StoreInspection } from '../../orchestrator/features/source.ts';
import type { CallsCarrier } from '../../orchestrator/model/inspect-server.ts';

/** How long so many asked one after the other took, in ms. */
export interface RoundTrips {
  count: number;
  p50Ms: number;
  p99Ms: number;
}

/** One thing that a configuration names, and what was found of it. Moments are RFC 3339; shares are of 1. */
interface Part {
  name: string;
  /** Where it is, as the YAML says it: no user and no password. */
  address: string;
  /** Until it could be asked; null where it could not. */
  connectMs: number | null;
  findings: Finding[];
}

export interface StoreExamination extends Part {
  part: 'store';
  type: string;
  server: StoreInspection['server'] | null;
  facts: StoreInspection['facts'];
  /** Of single gets. */
  roundTrips: (RoundTrips & { keys: 'present' | 'absent' }) | null;
  views: ViewExamination[];
}

export interface ViewExamination {
  view: string;
  table: string;
  /** Rows of the table that were counted; `isWhole` where these are all. Null where its keys cannot be listed. */
  counted: { rows: number; isWhole: boolean } | null;
  /** Of the sample; null where there was none to take. */
  rows: RowsExamination | null;
  bytes: BytesExamination | null;
  findings: Finding[];
}

/** What a sample of rows is like, as the view reads them. */
export interface RowsExamination {
  sampled: number;
  /** The others: `undecodable` are no rows of the encoding, `absent` none at all, `unread` came late or failed. */
  decoded: number;
  undecodable: number;
  absent: number;
  unread: number;
  fields: FieldExamination[];
  /** Of `_ts`; null where no row has one. */
  oldest: string | null;
  newest: string | null;
  untimedShare: number;
  /** Null where the view has no `maxAge`. */
  outsideMaxAgeShare: number | null;
}

interface FieldExamination {
  name: string;
  type: ScalarType;
  /** Of the rows that decoded. */
  nullShare: number;
  wrongTypeShare: number;
}

/** Of a row, on average. */
export interface BytesExamination {
  keyBytes: number;
  valueBytes: number;
  /** By the server's word; null where it tells none. */
  memoryBytes: number | null;
  /** Of the server's memory, where it tells that, else of keys and values alone. */
  millionRowsBytes: number;
}

export interface ServiceExamination extends Part {
  part: 'service';
  /** Null where the service is asked in clear. */
  tls: { protocol: string; validUntil: string } | null;
}

/** One process that hosts a model, or its functions. */
export interface ModelExamination extends Part {
  part: 'model' | 'functions';
  server: { name: string; version: string } | null;
  /** Null where nobody could say. */
  isLoaded: boolean | null;
  version: string | null;
  /** How many processes there are, as this one says. */
  replicas: number | null;
  /** How its calls travel. */
  calls: CallsCarrier | null;
  /** Of questions whether it is ready. */
  roundTrips: RoundTrips | null;
}

export type PartExamination = StoreExamination | ServiceExamination | ModelExamination;

/** All that was found of a part: of its views too. */
export function findingsOf(part: PartExamination): Finding[] {
  return part.part === 'store' ? [...part.findings, ...part.views.flatMap(({ findings }) => findings)] : part.findings;
}
