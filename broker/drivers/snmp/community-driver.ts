/**
 * Reads by SNMP version 2c, for devices that speak nothing better, and only where somebody switched it on twice: nothing
 * in this protocol proves who answered, and the community crosses the network in the clear (RFC 1901).
 *
 * `snmp-native` sends and repeats; what comes back it never sees, since it would take it from anybody: address, port,
 * community, kind and every value are judged by the project's own codec. Names, order and amounts are checked as for
 * version 3.
 */
import type { RemoteInfo } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { Session } from 'snmp-native';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { BerError } from '../../../protocols/snmp/ber.ts';
import { decodeCommunityMessage } from '../../../protocols/snmp/community.ts';
import type { Pdu } from '../../../protocols/snmp/pdu.ts';
import { type DeviceEndpoint, type Driver, DriverError } from '../driver.ts';
import { createIdleSockets, type IdleSocket } from './idle-sockets.ts';
import { type Ask, getVarbinds, READ_LIMITS, type ReadLimits, walkColumns } from './read-varbinds.ts';
import { requestIds } from './request-ids.ts';
import type { Question } from './session.ts';

const WAIT_MS = 1_000;
const DEADLINE_MS = 30_000;

export interface CommunityDriverOptions {
  readonly timers: Timers;
  /** Cryptographically strong: the request id is the only thing that a blind forger must guess. */
  readonly random: (bytes: number) => Buffer;
  /** Wait for each of the two tries, milliseconds. */
  readonly waitMs?: number;
  /** For the whole operation, milliseconds. */
  readonly deadlineMs?: number;
  readonly limits?: ReadLimits;
}

/** A driver of protocol `snmp` for endpoints with `snmp2c`. It has no word for a write. */
export function createCommunityDriver(options: CommunityDriverOptions): Driver {
  const running = new Set<Conversation>();
  const idle = createIdleSockets<Conversation>();
  let closed = false;
  return {
    protocol: 'snmp',
    async run({ snmp2c }, operation, signal) {
      if (closed) throw new DriverError('UNREACHABLE', 'the driver is closed');
      if (operation.protocol !== 'snmp') throw new DriverError('UNSUPPORTED', 'not an SNMP operation');
      if (snmp2c === undefined) throw new DriverError('UNSUPPORTED', 'the device has no address for SNMP version 2c');
      if (signal?.aborted) throw new DriverError('TIMEOUT', 'the operation was given up');
      const conversation = idle.take(snmp2c) ?? openConversation(snmp2c, options);
      // Errors are made when they are needed: the trace of where one was made costs as much as a poll.
      const giveUp = signal && (() => conversation.end(new DriverError('TIMEOUT', 'the operation was given up')));
      if (giveUp) signal.addEventListener('abort', giveUp, { once: true });
      const cancel = options.timers.set(options.deadlineMs ?? DEADLINE_MS, () =>
        conversation.end(new DriverError('TIMEOUT', 'the SNMP operation took too long')),
      );
      running.add(conversation);
      try {
        const varbinds =
          operation.kind === 'get'
            ? await getVarbinds(conversation.ask, operation.oids)
            : await walkColumns(conversation.ask, operation.columns, options.limits ?? READ_LIMITS);
        return { protocol: 'snmp', varbinds };
      } finally {
        cancel();
        running.delete(conversation);
        if (giveUp) signal.removeEventListener('abort', giveUp);
        idle.put(snmp2c, conversation);
      }
    },
    close() {
      closed = true;
      for (const one of running) one.end(new DriverError('LOST', 'the SNMP driver is closed'));
      idle.close();
      return Promise.resolve();
    },
  };
}

interface Conversation extends IdleSocket {
  readonly ask: Ask;
  end(error: DriverError): void;
}

const NOBODY = -1;

/** One agent's address: a conversation never meets another one's answers, and an answer of before has another request id. */
function openConversation(
  { host, port, community }: NonNullable<DeviceEndpoint['snmp2c']>,
  { random, waitMs = WAIT_MS }: CommunityDriverOptions,
): Conversation {
  let believed: Pdu | undefined;
  let ended: DriverError | undefined;
  // Nobody's: no request id is negative.
  let asked = NOBODY;
  let failed = false;
  const session = new Session({
    ...{ host, port, community, family: isIPv6(host) ? 'udp6' : 'udp4', timeouts: [waitMs, waitMs] },
    msgReceived: (bytes: Buffer, from: RemoteInfo): void => {
      if (from.address !== host || from.port !== port) return;
      const pdu = readResponse(bytes, community);
      const waiting = session.reqs[asked];
      if (pdu === undefined || pdu.requestId !== asked || waiting === undefined) return;
      believed = pdu;
      clearTimeout(waiting.timeout);
      delete session.reqs[asked];
      waiting.callback();
    },
  });
  const nextId = requestIds(random);
  session.requestId = () => {
    asked = nextId();
    return asked;
  };

  const end = (error: DriverError): void => {
    if (ended !== undefined) return;
    ended = error;
    session.close();
  };
  const ask = (question: Question): Promise<Pdu> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      session.socket.ref();
      const settle = (): void => {
        const pdu = believed;
        believed = undefined;
        asked = NOBODY;
        failed ||= pdu === undefined;
        if (pdu !== undefined) resolve(pdu);
        else
          reject(
            ended ?? new DriverError('TIMEOUT', 'no answer from the SNMP agent; a wrong community is silence too'),
          );
      };
      const oids = question.varbinds.map(({ oid }) => oid);
      if (question.kind === 'get') session.getAll({ oids, abortOnError: true }, settle);
      else session.getNext({ oid: oids[0] ?? [] }, settle); // the library has no GETBULK: one row a request
    });
  return {
    ask,
    get failed() {
      return failed || ended !== undefined || asked !== NOBODY;
    },
    rest: () => void session.socket.unref(),
    end,
    close: () => end(new DriverError('LOST', 'the operation is over')),
  };
}

function readResponse(bytes: Buffer, community: string): Pdu | undefined {
  try {
    const message = decodeCommunityMessage(bytes);
    return message.community === community && message.pdu.kind === 'response' ? message.pdu : undefined;
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}
