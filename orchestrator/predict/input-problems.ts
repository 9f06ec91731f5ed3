import { AppError, type ErrorDetail } from '../../foundation/errors.ts';

/** How many problems a refusal names; a body of a thousand bad instances is not answered by a thousand sentences. */
const MAX_DETAILS = 20;

/** Collects what is wrong with a call's inputs, so that one answer names it all. */
export class InputProblems {
  private readonly request: ErrorDetail[] = [];
  private byInstance: (ErrorDetail[] | undefined)[] | undefined;
  private readonly rows: number;

  constructor(rows: number) {
    this.rows = rows;
  }

  ofRequest(field: string, problem: string): void {
    this.request.push({ field, problem });
  }

  ofInstance(instance: number, field: string | undefined, problem: string): void {
    this.byInstance ??= Array.from<ErrorDetail[] | undefined>({ length: this.rows });
    (this.byInstance[instance] ??= []).push({ instance, ...(field === undefined ? {} : { field }), problem });
  }

  /** The bad instances' errors; throws where the request is bad or, unless `partial`, where any instance is. */
  settle(partial: boolean): (AppError | undefined)[] | undefined {
    if (this.request.length > 0)
      throw refusal([...this.request, ...(this.byInstance ?? []).flatMap((each) => each ?? [])]);
    if (this.byInstance === undefined) return undefined;
    if (!partial) throw refusal(this.byInstance.flatMap((each) => each ?? []));
    return Array.from(this.byInstance, (details) => details && refusal(details));
  }
}

function refusal(details: readonly ErrorDetail[]): AppError {
  const [first] = details;
  const place = [first?.instance === undefined ? undefined : `instances[${first.instance}]`, first?.field]
    .filter((part) => part !== undefined)
    .join('.');
  const more = details.length > 1 ? ` (and ${details.length - 1} more)` : '';
  return new AppError('INVALID_INPUT', `${place} ${first?.problem ?? 'is not valid'}${more}.`, {
    details: details.slice(0, MAX_DETAILS),
  });
}
