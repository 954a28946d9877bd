/** Sends an inform until the receiver acknowledges it (RFC 3416 §4.2.7): the receiver's engine is the authority, so it is met first. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { BerError } from '../../../protocols/snmp/ber.ts';
import { openScoped } from '../../../protocols/snmp/local-engine.ts';
import { decodeMessage, encodeMessage, type SnmpMessage } from '../../../protocols/snmp/message.ts';
import type { MibRow } from '../../../protocols/snmp/mib.ts';
import { encodeScopedPdu, type Pdu } from '../../../protocols/snmp/pdu.ts';
import { RemoteEngine } from '../../../protocols/snmp/remote-engine.ts';
import { isAuthentic, localizeUser, sealMessage, type UsmUser } from '../../../protocols/snmp/usm.ts';

export interface InformSender {
  /** Own address, from which the receiver knows the device. */
  readonly host: string;
  /** Own engine, the context of what is told. */
  readonly engineId: Buffer;
  readonly user: UsmUser;
  readonly timers: Timers;
  /** Milliseconds, for differences. */
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
  readonly salt: () => Buffer;
  readonly waitMs: number;
  readonly tries: number;
}

/** Whether it was acknowledged within the tries. Never rejects: a receiver that is away is nothing a device can mend. */
export async function sendInform(
  varbinds: readonly MibRow[],
  to: { readonly host: string; readonly port: number },
  sender: InformSender,
): Promise<boolean> {
  const socket = createSocket(isIPv6(to.host) ? 'udp6' : 'udp4');
  socket.on('error', () => undefined); // nobody listens there: the wait ends by itself
  try {
    await new Promise<void>((resolve) => socket.bind(0, sender.host, () => resolve()));
    return await deliver(varbinds, sender, (bytes, accept) => exchange(socket, bytes, to, sender, accept));
  } finally {
    socket.close();
  }
}

type Exchange = <T>(bytes: Buffer, accept: (received: Buffer) => T | undefined) => Promise<T | undefined>;

async function deliver(varbinds: readonly MibRow[], sender: InformSender, ask: Exchange): Promise<boolean> {
  const requestId = randomId(sender);
  const pdu: Pdu = { kind: 'inform', requestId, status: 0, index: 0, varbinds };
  let engine: RemoteEngine | undefined;
  // Discovery, time synchronisation and the inform itself can each be lost (RFC 3414 §4).
  for (let left = sender.tries + 2; left > 0; left -= 1) {
    engine ??= await discover(sender, ask);
    if (engine === undefined) continue;
    const met = engine;
    const id = randomId(sender);
    const bytes = sealMessage(
      {
        ...{ id, maxSize: 1_472, priv: true, reportable: true, user: sender.user.name, engineId: met.id },
        ...{ engineBoots: met.boots, engineTime: met.time },
        data: encodeScopedPdu({ contextEngineId: sender.engineId, contextName: '', pdu }),
      },
      met.keys,
      sender.salt(),
    );
    const answer = await ask(bytes, (received) => {
      const message = decode(received);
      if (message === undefined || message.id !== id || !message.engineId.equals(met.id)) return undefined;
      if (!isAuthentic(received, message, met.keys) || !met.admit(message)) return undefined;
      return openScoped(message, met.keys)?.pdu;
    });
    if (answer?.kind === 'response' && answer.requestId === requestId) return true;
  }
  return false;
}

async function discover(sender: InformSender, ask: Exchange): Promise<RemoteEngine | undefined> {
  const id = randomId(sender);
  const none = Buffer.alloc(0);
  const pdu = { kind: 'get' as const, requestId: id, status: 0, index: 0, varbinds: [] };
  const bytes = encodeMessage({
    ...{ id, maxSize: 1_472, auth: false, priv: false, reportable: true, engineId: none, user: '' },
    ...{ engineBoots: 0, engineTime: 0, authParameters: none, privParameters: none },
    data: encodeScopedPdu({ contextEngineId: none, contextName: '', pdu }),
  });
  const engineId = await ask(bytes, (received) => {
    const message = decode(received);
    return message?.id === id && message.engineId.length >= 5 ? message.engineId : undefined;
  });
  return engineId && new RemoteEngine(engineId, localizeUser(sender.user, engineId), sender.now);
}

function decode(bytes: Buffer): SnmpMessage | undefined {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

function exchange<T>(
  socket: Socket,
  bytes: Buffer,
  to: { readonly host: string; readonly port: number },
  { timers, waitMs }: InformSender,
  accept: (received: Buffer) => T | undefined,
): Promise<T | undefined> {
  return new Promise((resolve) => {
    const settle = (value: T | undefined): void => {
      cancel();
      socket.off('message', onMessage);
      resolve(value);
    };
    const onMessage = (received: Buffer): void => {
      const accepted = accept(received);
      if (accepted !== undefined) settle(accepted);
    };
    const cancel = timers.set(waitMs, () => settle(undefined));
    socket.on('message', onMessage);
    socket.send(bytes, to.port, to.host, () => undefined);
  });
}

const randomId = ({ random }: InformSender): number => random(4).readUInt32BE() >>> 1;
