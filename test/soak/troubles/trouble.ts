/** A way in which a service or a store does wrong, and how it is mended. */
export interface Trouble<Subject> {
  name: string;
  /** Nothing may be defaulted for it; a fetch that is late on a busy machine may leave a stale value, told. */
  isHarmless?: boolean;
  /** From its beginning until it is mended. Default 2500. */
  lastsMs?: number;
  begin(subject: Subject): Promise<void> | void;
  /** Resolves when the subject itself is well: from then on it is counted how long answers take to be fresh. */
  mend(subject: Subject): Promise<void> | void;
  /** What else was to hold of it, asked when the load has ended. */
  outcome?(): Promise<Seen> | Seen;
}

export interface Seen {
  seen: string;
  holds: boolean;
}

/** The example over something that can do wrong. */
export interface Running<Subject> extends AsyncDisposable {
  /** Of `:predict`. */
  url: string;
  subject: Subject;
}

/** One way to run it: without a cache, or with one. */
export interface Variant<Subject> {
  name: string;
  run: () => Promise<Running<Subject>>;
}
