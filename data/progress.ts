/** How far a pass over files is. `totalRows` is absent where no file says it; `done` is the last report, also after a failure. */
export interface ProgressReport {
  rows: number;
  totalRows: number | undefined;
  done: boolean;
}

export type OnProgress = (report: ProgressReport) => void;
