import { parseDurationMs } from '../../../foundation/duration.ts';
import { AppError } from '../../../foundation/errors.ts';
import type { Handler } from '../http/router.ts';

/** A forgotten switch turns itself. */
const LONGEST_MS = 7 * 24 * 3_600_000;

export interface ViewOptions {
  /** Names of the views of the running configuration. */
  views(): Iterable<string>;
  /** Switches a view off for so many ms; 0 switches it on. */
  disable(view: string, forMs: number): void;
}

/** `POST /v1/views/{v}:disable?for=15m`. */
export function disableView(options: ViewOptions): Handler {
  return ({ view, request }) => {
    if (![...options.views()].includes(view)) throw new AppError('UNKNOWN_ROUTE', 'There is no view of that name.');
    const text = new URL(request.url ?? '', 'http://localhost').searchParams.get('for') ?? '';
    const forMs = parseDurationMs(text);
    if (forMs === undefined || forMs > LONGEST_MS) {
      throw new AppError('INVALID_INPUT', 'Say for how long, up to 7d: `:disable?for=15m`; `for=0s` switches it on.');
    }
    options.disable(view, forMs);
    return { view, disabledMs: forMs };
  };
}
