/** A session that may write: each step of the confirmed-commit transaction as one rpc, sent once and never repeated. */
import { CAPABILITIES, type RpcErrorFields, type RpcReply } from '../../../protocols/netconf/messages.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import type { XmlNode } from '../../../protocols/netconf/xml.ts';
import { DriverError, type WriteSession } from '../driver.ts';
import type { NetconfEndpoint } from './connection.ts';
import type { NetconfDeadlines } from './deadlines.ts';
import { demandData, demandOk } from './replies.ts';
import * as rpcs from './rpcs.ts';
import { type NetconfSession, openSession } from './session.ts';

/** Without any one of these a change cannot be made so that the device takes it back by itself. */
const DEMANDED = [
  CAPABILITIES.base11,
  CAPABILITIES.candidate,
  CAPABILITIES.confirmedCommit,
  CAPABILITIES.rollbackOnError,
  CAPABILITIES.validate,
];

/** Opens a session of its own; `signal` ends the opening only, since a transaction that has begun must come to a known end. */
export async function openWriteSession(
  endpoint: NetconfEndpoint,
  deadlines: NetconfDeadlines,
  timers: Timers,
  signal: AbortSignal | undefined,
  onWarning: (warning: RpcErrorFields) => void,
): Promise<WriteSession & { destroy(): void; onClosed(run: () => void): void }> {
  const session = await openSession(endpoint, deadlines, timers, signal);
  const missing = DEMANDED.filter((uri) => !session.capabilities.includes(uri));
  if (missing.length > 0) {
    session.destroy();
    throw new DriverError('UNSUPPORTED', `the device lacks ${missing.join(', ')}`);
  }
  const cancelTimer = timers.set(deadlines.sessionMs, () => session.destroy());
  session.onClosed(cancelTimer);

  const settle = (reply: RpcReply): void => {
    for (const warning of reply.warnings) onWarning(warning);
    demandOk(reply);
  };
  const read = (rpc: XmlNode): Promise<void> => session.rpc(rpc, deadlines.readMs).then(settle);
  const write = (rpc: XmlNode): Promise<void> => session.rpc(rpc, deadlines.writeMs).then(settle);
  return {
    capabilities: session.capabilities,
    lockCandidate: () => read(rpcs.lock('candidate')),
    unlockCandidate: () => read(rpcs.unlock('candidate')),
    getConfig: async (source, filter) =>
      demandData(await session.rpc(rpcs.getConfig(source, filter), deadlines.readMs)),
    editCandidate: async (config) => write(rpcs.editCandidate(config)),
    validateCandidate: () => write(rpcs.validate('candidate')),
    commitConfirmed: ({ timeoutSeconds, persistId, renews }) =>
      write(rpcs.commitConfirmed(timeoutSeconds, persistId, renews)),
    confirmCommit: (persistId) => write(rpcs.confirmCommit(persistId)),
    cancelCommit: (persistId) => write(rpcs.cancelCommit(persistId)),
    discardChanges: () => write(rpcs.discardChanges()),
    close: () => closeSession(session, deadlines),
    destroy: () => session.destroy(),
    onClosed: (run) => session.onClosed(run),
  };
}

/** Says goodbye if it can; the end is the same. */
async function closeSession(session: NetconfSession, deadlines: NetconfDeadlines): Promise<void> {
  try {
    if (session.isOpen()) await session.rpc(rpcs.closeSession(), deadlines.readMs);
  } catch {
    // The session ends either way, and nothing depends on how.
  } finally {
    session.destroy();
  }
}
