/**
 * Requests to one agent under USM authPriv: discovery, clock, tries (RFC 3414 §4). A value is taken only from a reply
 * that is authentic, encrypted, fresh and for this very request; anything else is as if it had never arrived.
 */
import { BerError } from '../../../protocols/snmp/ber.ts';
import { decodeMessage, encodeMessage, type SnmpMessage } from '../../../protocols/snmp/message.ts';
import { compareOids } from '../../../protocols/snmp/oid.ts';
import { decodeScopedPdu, encodeScopedPdu, type Pdu } from '../../../protocols/snmp/pdu.ts';
import { RemoteEngine } from '../../../protocols/snmp/remote-engine.ts';
import type { UsmKeys, UsmUser } from '../../../protocols/snmp/usm.ts';
import {
  isAuthentic,
  localizeUser,
  openData,
  sealMessage,
  USM_REPORT,
  type UsmReport,
} from '../../../protocols/snmp/usm.ts';
import { DriverError } from '../driver.ts';
import type { Datagrams } from './datagrams.ts';

/** What we accept: any UDP payload. */
const MAX_SIZE = 65_507;
/** A clock is set once after discovery and once after a reboot; more often is a fault of the agent. */
const MOST_CLOCK_SETTINGS = 2;

export interface SessionContext {
  readonly datagrams: Pick<Datagrams, 'exchange'>;
  readonly user: UsmUser;
  /** Milliseconds. */
  readonly now: () => number;
  /** 31 random bits: guessing them is the least that a forger without the key has to do. */
  readonly nextId: () => number;
  readonly salt: () => Buffer;
  readonly waitMs: number;
  readonly tries: number;
  /** The engine as known from earlier requests; the session keeps it up to date. */
  readonly memory: { engine?: RemoteEngine | undefined };
}

/** A request PDU without its id, which the session chooses. */
export type Question = Omit<Pdu, 'requestId'>;

type Reply = { readonly pdu: Pdu } | { readonly report: UsmReport | undefined };

/** The response PDU to `question`; rejects with `DriverError`. */
export async function request(context: SessionContext, question: Question): Promise<Pdu> {
  const { memory } = context;
  let clockSettings = 0;
  for (let left = context.tries; left > 0; left -= 1) {
    memory.engine ??= await discoverEngine(context);
    const { reply, rumour } = await ask(context, memory.engine, question);
    if (reply !== undefined && 'pdu' in reply) return reply.pdu;
    if (reply?.report === 'notInTimeWindows' && clockSettings < MOST_CLOCK_SETTINGS) {
      clockSettings += 1;
      left += 1; // the clock is right now: this was no lost try
    } else if (reply?.report === 'decryptionErrors') {
      throw new DriverError('AUTHENTICATION', 'the SNMP agent could not decrypt: wrong privacy password');
    } else if (reply !== undefined) {
      throw new DriverError('PROTOCOL', `the SNMP agent reported ${reply.report ?? 'an unknown counter'}`);
    } else if (rumour === 'unknownEngineIDs') {
      memory.engine = undefined; // perhaps another device answers there now
    } else if (rumour !== undefined) {
      memory.engine = undefined;
      throw new DriverError('AUTHENTICATION', `the SNMP agent does not accept user or password (${rumour})`);
    }
  }
  memory.engine = undefined; // a device that restarted with an older clock is met anew next time
  throw new DriverError('TIMEOUT', 'no authentic answer from the SNMP agent');
}

/** Finds the engine id by a message that everybody may answer (RFC 3414 §4): a lie here only makes keys that fit nobody. */
async function discoverEngine(context: SessionContext): Promise<RemoteEngine> {
  const { datagrams, nextId, tries, waitMs, now } = context;
  for (let left = tries; left > 0; left -= 1) {
    const id = nextId();
    const pdu = { kind: 'get' as const, requestId: id, status: 0, index: 0, varbinds: [] };
    const none = Buffer.alloc(0);
    const bytes = encodeMessage({
      ...{ id, maxSize: MAX_SIZE, auth: false, priv: false, reportable: true, engineId: none, user: '' },
      ...{ engineBoots: 0, engineTime: 0, authParameters: none, privParameters: none },
      data: encodeScopedPdu({ contextEngineId: none, contextName: '', pdu }),
    });
    const engineId = await datagrams.exchange(bytes, waitMs, (received) => {
      const message = decodeOrIgnore(received);
      if (message === undefined || message.id !== id || readRumour(message) !== 'unknownEngineIDs') return undefined;
      return message.engineId.length >= 5 ? message.engineId : undefined;
    });
    if (engineId !== undefined) return new RemoteEngine(engineId, makeKeys(context.user, engineId), now);
  }
  throw new DriverError('UNREACHABLE', 'no SNMP agent answers');
}

function makeKeys(user: UsmUser, engineId: Buffer): UsmKeys {
  try {
    return localizeUser(user, engineId);
  } catch {
    throw new DriverError('AUTHENTICATION', 'an SNMP pass phrase is shorter than eight octets');
  }
}

/** One try. A report without authentication is only a rumour: it explains a silence, it never ends the wait. */
async function ask(context: SessionContext, engine: RemoteEngine, question: Question) {
  const id = context.nextId();
  const requestId = context.nextId();
  const { kind, status, index, varbinds } = question;
  const pdu: Pdu = { kind, requestId, status, index, varbinds };
  const data = encodeScopedPdu({ contextEngineId: engine.id, contextName: '', pdu });
  const bytes = sealMessage(
    {
      id,
      maxSize: MAX_SIZE,
      priv: true,
      reportable: true,
      user: context.user.name,
      data,
      engineId: engine.id,
      engineBoots: engine.boots,
      engineTime: engine.time,
    },
    engine.keys,
    context.salt(),
  );
  let rumour: UsmReport | undefined;
  const reply = await context.datagrams.exchange(bytes, context.waitMs, (received): Reply | undefined => {
    const message = decodeOrIgnore(received);
    if (message === undefined || message.id !== id) return undefined;
    if (!message.auth) {
      rumour = readRumour(message) ?? rumour;
      return undefined;
    }
    if (!message.engineId.equals(engine.id) || message.user !== context.user.name) return undefined;
    if (!isAuthentic(received, message, engine.keys) || !engine.admit(message)) return undefined;
    return readReply(message, engine, requestId);
  });
  return { reply, rumour };
}

/** From here on the sender is the agent itself: what is wrong now is a fault of its own, said as such. */
function readReply(message: SnmpMessage, engine: RemoteEngine, requestId: number): Reply {
  const data = openData(message, engine.keys);
  const scoped = data === undefined ? undefined : decodeOrFail(data);
  if (scoped?.pdu.kind === 'report') return { report: nameReport(scoped.pdu) };
  if (
    scoped === undefined ||
    !message.priv ||
    scoped.pdu.kind !== 'response' ||
    scoped.pdu.requestId !== requestId ||
    !scoped.contextEngineId.equals(engine.id) ||
    scoped.contextName !== ''
  ) {
    throw new DriverError('PROTOCOL', 'the SNMP agent answered something else than was asked');
  }
  return { pdu: scoped.pdu };
}

function decodeOrFail(data: Buffer) {
  try {
    return decodeScopedPdu(data);
  } catch {
    throw new DriverError('PROTOCOL', 'the SNMP agent sent a malformed PDU');
  }
}

function decodeOrIgnore(bytes: Buffer): SnmpMessage | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

function readRumour(message: SnmpMessage): UsmReport | undefined {
  if (message.auth) return undefined;
  try {
    const { pdu } = decodeScopedPdu(message.data);
    return pdu.kind === 'report' ? nameReport(pdu) : undefined;
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

function nameReport(pdu: Pdu): UsmReport | undefined {
  const oid = pdu.varbinds[0]?.oid;
  const names: readonly UsmReport[] = [
    ...(['unsupportedSecLevels', 'notInTimeWindows', 'unknownUserNames'] as const),
    ...(['unknownEngineIDs', 'wrongDigests', 'decryptionErrors'] as const),
  ];
  return oid === undefined ? undefined : names.find((name) => compareOids(USM_REPORT[name], oid) === 0);
}
