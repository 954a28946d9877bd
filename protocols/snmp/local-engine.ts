/**
 * What an engine does with a message for which it is itself the authority (RFC 3414 §3.2, RFC 3412 §7.2): a request to an
 * agent, an inform to a receiver. It opens the message, or says what is wrong with it, or says nothing.
 */
import { BerError } from './ber.ts';
import { encodeMessage, type SnmpMessage } from './message.ts';
import { decodeScopedPdu, encodeScopedPdu, type Pdu, type ScopedPdu } from './pdu.ts';
import {
  isAuthentic,
  MAX_BOOTS,
  openData,
  sealMessage,
  TIME_WINDOW,
  USM_REPORT,
  type UsmKeys,
  type UsmReport,
} from './usm.ts';

/** Longest message sent and accepted: fits an Ethernet frame, so that nothing is fragmented. */
const MAX_MESSAGE_BYTES = 1_472;

export interface LocalEngine {
  readonly engineId: Buffer;
  readonly engineBoots: () => number;
  readonly engineTime: () => number;
  /** Keys of a user localised to this engine; undefined for a stranger. Stretching a pass phrase costs milliseconds: keep them. */
  readonly keysOf: (user: string) => UsmKeys | undefined;
  readonly salt: () => Buffer;
  /** Whether it serves the context that a message names; every context when absent (an inform names its sender's). */
  readonly context?: (scoped: ScopedPdu) => boolean;
}

export type Opened =
  /** An authentic, encrypted and fresh message; `seal` makes the answer to it. */
  | { readonly ok: true; readonly pdu: Pdu; readonly seal: (pdu: Pdu) => Buffer }
  /** Not acceptable for this reason; `report` tells the sender, when it can be told. */
  | { readonly ok: false; readonly reason: UsmReport | 'otherContext'; readonly report?: Buffer };

/** The order of the checks is that of RFC 3414 §3.2, steps 3 to 8. `message` is decoded from `bytes`; throws `BerError`. */
export function openMessage(engine: LocalEngine, bytes: Buffer, message: SnmpMessage): Opened {
  if (!message.engineId.equals(engine.engineId)) return refuse(engine, message, 'unknownEngineIDs');
  const keys = engine.keysOf(message.user);
  if (keys === undefined) return refuse(engine, message, 'unknownUserNames');
  if (!message.priv) return refuse(engine, message, 'unsupportedSecLevels');
  if (!isAuthentic(bytes, message, keys)) return refuse(engine, message, 'wrongDigests');
  const tell = (reason: UsmReport): Opened => ({
    ok: false,
    reason,
    report: seal(engine, message, keys, false, nameReason(engine, reason, 0)),
  });
  const boots = engine.engineBoots();
  const late = Math.abs(message.engineTime - engine.engineTime()) > TIME_WINDOW;
  if (boots >= MAX_BOOTS || message.engineBoots !== boots || late) return tell('notInTimeWindows');
  const scoped = openScoped(message, keys);
  if (scoped === undefined) return tell('decryptionErrors');
  if (engine.context !== undefined && !engine.context(scoped)) return { ok: false, reason: 'otherContext' };
  return {
    ok: true,
    pdu: scoped.pdu,
    seal: (pdu) =>
      seal(engine, message, keys, true, {
        pdu,
        contextEngineId: scoped.contextEngineId,
        contextName: scoped.contextName,
      }),
  };
}

/** A wrong privacy password decrypts to noise, which is told like a failed decryption. */
export function openScoped(message: SnmpMessage, keys: UsmKeys): ScopedPdu | undefined {
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
function refuse(engine: LocalEngine, message: SnmpMessage, reason: UsmReport): Opened {
  if (!message.reportable) return { ok: false, reason };
  const requestId = message.priv ? 0 : decodeScopedPdu(message.data).pdu.requestId;
  const report = encodeMessage({
    ...header(engine, message),
    ...{ auth: false, priv: false, authParameters: Buffer.alloc(0), privParameters: Buffer.alloc(0) },
    data: encodeScopedPdu(nameReason(engine, reason, requestId)),
  });
  return { ok: false, reason, report };
}

function seal(engine: LocalEngine, request: SnmpMessage, keys: UsmKeys, priv: boolean, scoped: ScopedPdu): Buffer {
  return sealMessage({ priv, data: encodeScopedPdu(scoped), ...header(engine, request) }, keys, engine.salt());
}

const header = (engine: LocalEngine, request: SnmpMessage) => ({
  id: request.id,
  user: request.user,
  maxSize: MAX_MESSAGE_BYTES,
  reportable: false,
  engineId: engine.engineId,
  engineBoots: engine.engineBoots(),
  engineTime: engine.engineTime(),
});

/** The value is the counter of RFC 3414 §5; nobody reads it, so it is not counted. */
function nameReason(engine: LocalEngine, name: UsmReport, requestId: number): ScopedPdu {
  const varbinds = [{ oid: USM_REPORT[name], value: { type: 'counter32' as const, value: 1 } }];
  const pdu = { kind: 'report' as const, requestId, status: 0, index: 0, varbinds };
  return { contextEngineId: engine.engineId, contextName: '', pdu };
}
