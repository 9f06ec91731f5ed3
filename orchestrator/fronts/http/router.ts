import { AppError } from '../../../foundation/errors.ts';
import type { Exchange } from './exchange.ts';

/** A handler answers JSON text or a value to be stringified; what it throws becomes the error body of its code. */
export type Handler = (exchange: Exchange) => unknown;

interface Path {
  /** As it was added, `:model` or `:view` standing for one segment without a colon. */
  text: string;
  named: 'model' | 'view';
  pattern: RegExp | undefined;
  methods: Map<string, Handler>;
}

/** The paths of a front. They are a dozen: those with a name in them are tried one after the other, the others looked up. */
export class Router {
  readonly #fixed = new Map<string, Path>();
  readonly #patterns: Path[] = [];

  add(method: 'GET' | 'POST', text: string, handler: Handler): void {
    const named = text.includes(':view') ? 'view' : 'model';
    const [before, after] = text.split(`:${named}`, 2);
    let path = this.#fixed.get(text);
    if (!path) {
      const pattern = after === undefined ? undefined : new RegExp(`^${before}([^/:]+)${after}$`);
      path = { text, named, pattern, methods: new Map() };
      this.#fixed.set(text, path);
      if (pattern) this.#patterns.push(path);
    }
    path.methods.set(method, handler);
  }

  /** The handler of a request, its route and model noted in the exchange. Throws UNKNOWN_ROUTE, METHOD_NOT_ALLOWED. */
  find(method: string, url: string, exchange: Exchange): Handler {
    const query = url.indexOf('?');
    const path = this.#match(query < 0 ? url : url.slice(0, query), exchange);
    if (!path) throw new AppError('UNKNOWN_ROUTE', 'There is no such route.');
    exchange.route = path.text;
    // HEAD is GET of which Node sends the head only: probes and load balancers ask so.
    const handler = path.methods.get(method === 'HEAD' ? 'GET' : method);
    if (handler) return handler;
    const allowed = [...path.methods.keys()].join(', ');
    exchange.headers['allow'] = allowed;
    throw new AppError('METHOD_NOT_ALLOWED', `This path takes ${allowed}.`);
  }

  #match(path: string, exchange: Exchange): Path | undefined {
    for (const each of this.#patterns) {
      const match = each.pattern?.exec(path);
      if (!match) continue;
      exchange[each.named] = decodeSegment(match[1]);
      return each;
    }
    const fixed = this.#fixed.get(path);
    return fixed?.pattern ? undefined : fixed;
  }
}

function decodeSegment(segment: string): string {
  try {
    return segment.includes('%') ? decodeURIComponent(segment) : segment;
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'The path is not valid percent-encoding.', { cause });
  }
}
