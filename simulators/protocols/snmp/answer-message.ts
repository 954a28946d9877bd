/** What an authoritative engine does with one incoming message (RFC 3414 §3.2, RFC 3412 §7.2): answer, report or say nothing. */
import { BerError } from '../../../protocols/snmp/ber.ts';
import { decodeMessage, encodeMessage, type SnmpMessage } from '../../../protocols/snmp/message.ts';
import type { MibView } from '../../../protocols/snmp/mib.ts';
import { decodeScopedPdu, encodeScopedPdu, type ScopedPdu } from '../../../protocols/snmp/pdu.ts';
import {
  isAuthentic,
  localizeUser,
  MAX_BOOTS,
  openData,
  sealMessage,
  TIME_WINDOW,
  USM_REPORT,
  type UsmKeys,
  type UsmReport,
  type UsmUser,
} from '../../../protocols/snmp/usm.ts';
import { answerPdu } from './answer-pdu.ts';

/** Longest message sent and accepted: fits an Ethernet frame, so that nothing is fragmented. */
const MAX_MESSAGE_BYTES = 1_472;

export interface AgentEngine {
  readonly engineId: Buffer;
  readonly engineBoots: () => number;
  readonly engineTime: () => number;
  readonly users: ReadonlyMap<string, UsmUser>;
  /** Localised keys by user; filled at first use, because stretching a pass phrase costs milliseconds. */
  readonly keys: Map<string, UsmKeys>;
  readonly salt: () => Buffer;
  readonly mib: MibView;
}

/** The answer to `bytes`, undefined for silence. Never throws on anything that was received. */
export function answerMessage(engine: AgentEngine, bytes: Buffer): Buffer | undefined {
  try {
    return answer(engine, bytes, decodeMessage(bytes));
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

/** The order of the checks is that of RFC 3414 §3.2, steps 3 to 8. */
function answer(engine: AgentEngine, bytes: Buffer, message: SnmpMessage): Buffer | undefined {
  if (!message.engineId.equals(engine.engineId)) return reportPlainly(engine, message, 'unknownEngineIDs');
  const user = engine.users.get(message.user);
  if (user === undefined) return reportPlainly(engine, message, 'unknownUserNames');
  if (!message.priv) return reportPlainly(engine, message, 'unsupportedSecLevels');
  const keys = engine.keys.get(user.name) ?? localizeUser(user, engine.engineId);
  engine.keys.set(user.name, keys);
  if (!isAuthentic(bytes, message, keys)) return reportPlainly(engine, message, 'wrongDigests');
  const boots = engine.engineBoots();
  if (
    boots >= MAX_BOOTS ||
    message.engineBoots !== boots ||
    Math.abs(message.engineTime - engine.engineTime()) > TIME_WINDOW
  ) {
    return seal(engine, message, keys, false, report(engine, 'notInTimeWindows', 0));
  }
  const scoped = openScoped(message, keys);
  if (scoped === undefined) return seal(engine, message, keys, false, report(engine, 'decryptionErrors', 0));
  if (!scoped.contextEngineId.equals(engine.engineId) || scoped.contextName !== '') return undefined;
  const pdu = answerPdu(engine.mib, scoped.pdu, message.maxSize);
  if (pdu === undefined) return undefined;
  return seal(engine, message, keys, true, { contextEngineId: engine.engineId, contextName: '', pdu });
}

/** A wrong privacy password decrypts to noise, which is told like a failed decryption. */
function openScoped(message: SnmpMessage, keys: UsmKeys): ScopedPdu | undefined {
  const data = openData(message, keys);
  if (data === undefined) return undefined;
  try {
    return decodeScopedPdu(data);
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

/** A report without authentication, only for those who can take one (RFC 3412 §7.1 step 3). */
function reportPlainly(engine: AgentEngine, message: SnmpMessage, name: UsmReport): Buffer | undefined {
  if (!message.reportable) return undefined;
  const requestId = message.priv ? 0 : decodeScopedPdu(message.data).pdu.requestId;
  return encodeMessage({
    ...header(engine, message),
    ...{ auth: false, priv: false, authParameters: Buffer.alloc(0), privParameters: Buffer.alloc(0) },
    data: encodeScopedPdu(report(engine, name, requestId)),
  });
}

function seal(engine: AgentEngine, request: SnmpMessage, keys: UsmKeys, priv: boolean, scoped: ScopedPdu): Buffer {
  const message = { ...header(engine, request), priv, data: encodeScopedPdu(scoped) };
  return sealMessage(message, keys, engine.salt());
}

const header = (engine: AgentEngine, request: SnmpMessage) => ({
  ...{ id: request.id, user: request.user, maxSize: MAX_MESSAGE_BYTES, reportable: false },
  ...{ engineId: engine.engineId, engineBoots: engine.engineBoots(), engineTime: engine.engineTime() },
});

/** The value is the counter of RFC 3414 §5; nobody reads it, so it is not counted. */
function report(engine: AgentEngine, name: UsmReport, requestId: number): ScopedPdu {
  const varbinds = [{ oid: USM_REPORT[name], value: { type: 'counter32' as const, value: 1 } }];
  const pdu = { kind: 'report' as const, requestId, status: 0, index: 0, varbinds };
  return { contextEngineId: engine.engineId, contextName: '', pdu };
}
