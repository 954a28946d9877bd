/** Why something could not be verified at all, in words: the file, the browser, the connection, or the person who stopped it. */
import { Problem } from '../../api/problem.ts';
import { TEXT } from '../../text.ts';

export function describeFailure(error: unknown): string {
  if (error instanceof Problem) return `${error.message} ${error.hint}`;
  if (!(error instanceof DOMException)) return TEXT.audit.unreadFile;
  if (error.name === 'AbortError') return TEXT.audit.stopped;
  return error.name === 'NotSupportedError' ? TEXT.audit.unreadCrypto : TEXT.audit.unreadFile;
}
