/** What a model client counts. Plain numbers, read when metrics are scraped: the hot path only adds. */
export interface ModelClientCounters {
  /** Gauges: calls that were admitted and not yet let go by the server, and their tensors' bytes. */
  partsInFlight: number;
  bytesInFlight: number;
  /** Merged messages written, and the calls within them (`partsSent / messagesSent` is how well merging works). */
  messagesSent: number;
  partsSent: number;
  /** Answers that came after their caller had been answered. */
  lateParts: number;
  /** Calls whose caller gave up or whose deadline passed after they had been sent. */
  abandonedParts: number;
  /** Sessions opened with the server, the first included. */
  connections: number;
}

export const newCounters = (): ModelClientCounters => ({
  partsInFlight: 0,
  bytesInFlight: 0,
  messagesSent: 0,
  partsSent: 0,
  lateParts: 0,
  abandonedParts: 0,
  connections: 0,
});
