import { formatDuration } from '../../foundation/duration.ts';
import { AppError } from '../../foundation/errors.ts';
import { finding, type Finding } from '../../orchestrator/features/finding.ts';

/** What the words of systems and servers mean for whoever has to mend it. */
const MENDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there: see that it runs, and that the address is right',
  ENOENT: 'nobody listens there: see that it runs, and that the address is right',
  ENOTFOUND: 'no such host is known here: see that the name is right',
  EAI_AGAIN: 'no such host is known here: see that the name is right, and that names can be asked for',
  WRONGPASS: 'see `username` and `password` of the store',
  NOAUTH: 'the server asks for a password: write `password` (`secret:env:NAME`)',
  NOPERM: 'the user may not do what a store needs: see its ACL',
  LOADING: 'the server is still loading its data: wait',
};

/** A part, or a step of its examination, that gave no answer. `what` begins the sentence: `the server`. */
export function failureFinding(what: string, thrown: unknown, timeoutMs: number): Finding {
  if (thrown instanceof AppError && thrown.code === 'DEADLINE_EXCEEDED') {
    const mend = 'see what it is busy with, or give it longer: --timeout';
    return finding('LATE', `${what} did not answer within ${formatDuration(timeoutMs)}`, mend);
  }
  // What a user can mend says so itself: a secret that is not there, a module that does not open.
  if (thrown instanceof AppError && (thrown.code === 'NOT_READY' || thrown.code === 'INTERNAL')) {
    return finding('UNREACHABLE', thrown.message);
  }
  const reason = reasonOf(thrown);
  const told = reason === undefined ? '' : ` (${reason})`;
  return finding('UNREACHABLE', `${what} cannot be reached${told}`, MENDS[reason ?? ''] ?? null);
}

/**
 * Why something failed, in one word of the system's (`ECONNREFUSED`) or of a server's refusal (`WRONGPASS`). Not the
 * sentence around it: what others write there may hold a secret.
 */
function reasonOf(thrown: unknown): string | undefined {
  for (let cause = thrown; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AppError) continue;
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
    if (cause.name === 'ReplyError') return /^[A-Z]+/.exec(cause.message)?.[0];
  }
  return undefined;
}
