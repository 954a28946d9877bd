/** A session that may write: each step of the confirmed-commit transaction as one rpc, sent once and never repeated. */
import {
  CAPABILITIES,
  type RpcErrorFields,
  type RpcReply,
  WRITABLE_RUNNING,
} from '../../../protocols/netconf/messages.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import type { XmlNode } from '../../../protocols/netconf/xml.ts';
import { LADDER, type Ladder } from '../../contract.ts';
import { DriverError, type WriteSession } from '../driver.ts';
import type { NetconfEndpoint } from './connection.ts';
import type { NetconfDeadlines } from './deadlines.ts';
import { demandData, demandOk, describeError } from './replies.ts';
import * as rpcs from './rpcs.ts';
import { type NetconfSession, openSession } from './session.ts';

/** Warnings kept until somebody takes them. */
const MOST_WARNINGS = 8;

/** What a hello must have for each rung. Without any one of the first the device takes no change back by itself. */
const DEMANDED: Readonly<Record<Ladder, readonly string[]>> = {
  confirmed: [
    CAPABILITIES.base11,
    CAPABILITIES.candidate,
    CAPABILITIES.confirmedCommit,
    CAPABILITIES.rollbackOnError,
    CAPABILITIES.validate,
  ],
  candidate: [CAPABILITIES.candidate],
  running: [WRITABLE_RUNNING],
};

/** Opens a session of its own; `signal` ends the opening only, since a transaction that has begun must come to a known end. */
export async function openWriteSession(
  endpoint: NetconfEndpoint,
  deadlines: NetconfDeadlines,
  timers: Timers,
  signal: AbortSignal | undefined,
  onWarning: (warning: RpcErrorFields) => void,
  lowest: Ladder = 'confirmed',
): Promise<WriteSession & { destroy(): void; onClosed(run: () => void): void }> {
  const session = await openSession(endpoint, deadlines, timers, signal);
  const lacks = (rung: Ladder): readonly string[] =>
    DEMANDED[rung].filter((uri) => !session.capabilities.includes(uri));
  const ladder = LADDER.slice(0, LADDER.indexOf(lowest) + 1).find((rung) => lacks(rung).length === 0);
  if (ladder === undefined) {
    session.destroy();
    throw new DriverError('UNSUPPORTED', `the device lacks ${lacks(lowest).join(', ')}`);
  }
  const cancelTimer = timers.set(deadlines.sessionMs, () => session.destroy());
  session.onClosed(cancelTimer);

  const warnings: string[] = [];
  const hear = (reply: RpcReply): RpcReply => {
    for (const warning of reply.warnings) {
      onWarning(warning);
      if (warnings.length < MOST_WARNINGS) warnings.push(describeError(warning));
    }
    return reply;
  };
  const settle = (reply: RpcReply): void => demandOk(hear(reply));
  const read = (rpc: XmlNode): Promise<void> => session.rpc(rpc, deadlines.readMs).then(settle);
  const write = (rpc: XmlNode): Promise<void> => session.rpc(rpc, deadlines.writeMs).then(settle);
  return {
    capabilities: session.capabilities,
    ladder,
    lockCandidate: () => read(rpcs.lock('candidate')),
    unlockCandidate: () => read(rpcs.unlock('candidate')),
    getConfig: async (source, filter) =>
      demandData(hear(await session.rpc(rpcs.getConfig(source, filter), deadlines.readMs))),
    editCandidate: async (config) => write(rpcs.editCandidate(config)),
    validateCandidate: () => write(rpcs.validate('candidate')),
    commitConfirmed: ({ timeoutSeconds, persistId, renews }) =>
      write(rpcs.commitConfirmed(timeoutSeconds, persistId, renews)),
    confirmCommit: (persistId) => write(rpcs.confirmCommit(persistId)),
    cancelCommit: (persistId) => write(rpcs.cancelCommit(persistId)),
    discardChanges: () => write(rpcs.discardChanges()),
    commit: () => write(rpcs.commit()),
    commitUntilClosed: (timeoutSeconds) => write(rpcs.commitUntilClosed(timeoutSeconds)),
    lockRunning: () => read(rpcs.lock('running')),
    unlockRunning: () => read(rpcs.unlock('running')),
    editRunning: async (config) =>
      write(rpcs.editRunning(config, session.capabilities.includes(CAPABILITIES.rollbackOnError))),
    takeWarnings: () => warnings.splice(0),
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
