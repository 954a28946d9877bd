/** Tells a database server that is away, restarting or out of room from a statement that is wrong. Pure. */

/**
 * SQLSTATE of PostgreSQL (appendix A): class 08 is the connection itself; 57P01 and 57P02 end a session when the server is
 * stopped or crashed, 57P03 is said while it starts; class 53 is a full disk, no memory, or no more connections, 58030 its disk.
 */
const SERVER_IS_AWAY = /^(08[0-9A-Z]{3}|53[0-9A-Z]{3}|57P0[1-3]|58030)$/;
/** Of Node's sockets. */
const NO_CONNECTION = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'ENETUNREACH'],
]);
/** What node-postgres says without a code, when a connection ended under a query or none came about (pg 8, pg-pool 3). */
const LOST = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'timeout exceeded when trying to connect',
];
/** An error may be wrapped by those who pass it on. */
const DEPTH = 4;

/** True for what goes away by itself when the server is back: the same statement may then be right. */
export function isServerAway(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > DEPTH) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (SERVER_IS_AWAY.test(code) || NO_CONNECTION.has(code)) return true;
  if (LOST.some((text) => error.message.startsWith(text))) return true;
  return isServerAway(error.cause, depth + 1);
}
