import { AppError } from '../foundation/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not',
  EISDIR: 'it is a folder',
};

/** What is told of a file that cannot be read, by its name as the user wrote it. */
export function unreadableFile(file: string, cause: unknown): AppError {
  return new AppError('INVALID_INPUT', `${file} cannot be read: ${reasonOf(cause)}.`, { cause });
}

/** The same of one that cannot be written. */
export function unwritableFile(file: string, cause: unknown): AppError {
  const isGone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const reason = isGone ? 'there is no such folder' : reasonOf(cause);
  return new AppError('INVALID_INPUT', `${file} cannot be written: ${reason}.`, { cause });
}

function reasonOf(cause: unknown): string {
  const { code = '', message } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : { message: String(cause) };
  // A library's first line says what is wrong; the rest is advice about its own options. Node's names the whole path.
  const [first] = message.split('\n');
  return (REASONS[code] ?? (/^E[A-Z]+$/.test(code) ? code : first)).replace(/\.$/, '');
}
